"""Where a text is looked for: panels, recipes, orders, and what people said."""

from __future__ import annotations

from typing import Final

_SAID = "WITH said(words) AS (SELECT lower(?))"
_PANELS_SAID = "instr(lower(q.code || char(10) || coalesce(q.part, '')), words)"
_RECIPES_SAID = "instr(lower(v.name || char(10) || v.title), words)"
_ORDERS_SAID = "instr(lower(o.order_number), words)"
_PEOPLE_SAID = """SELECT k.inspection_id FROM said CROSS JOIN ruling k
        WHERE instr(lower(k.why || char(10) || k.who), words)
    UNION ALL SELECT k.inspection_id FROM said CROSS JOIN correction k WHERE instr(lower(k.why), words)"""
#: Ids of all inspections that a text is found with; one ``?``.
FOUND_WITH: Final = f"""{_SAID}
    SELECT n.id FROM said CROSS JOIN panel q CROSS JOIN inspection n ON n.panel_id = q.id WHERE {_PANELS_SAID}
    UNION ALL SELECT n.id FROM said CROSS JOIN panel_order o CROSS JOIN panel q ON q.code = o.code
        CROSS JOIN inspection n ON n.panel_id = q.id WHERE {_ORDERS_SAID}
    UNION ALL SELECT n.id FROM said CROSS JOIN recipe v CROSS JOIN inspection n ON n.recipe_sha256 = v.sha256
        WHERE {_RECIPES_SAID}
    UNION ALL {_PEOPLE_SAID}"""
#: Whether inspection `i` of panel `p` and recipe `r` is one of them.
IS_FOUND_WITH: Final = f"""EXISTS ({_SAID} SELECT 1 FROM said WHERE {_PANELS_SAID.replace("q.", "p.")}
        OR {_RECIPES_SAID.replace("v.", "r.")}
        OR EXISTS (SELECT 1 FROM panel_order o WHERE o.code = p.code AND {_ORDERS_SAID})
        OR EXISTS (SELECT 1 FROM ruling k WHERE k.inspection_id = i.id
            AND instr(lower(k.why || char(10) || k.who), words))
        OR EXISTS (SELECT 1 FROM correction k WHERE k.inspection_id = i.id AND instr(lower(k.why), words)))"""
