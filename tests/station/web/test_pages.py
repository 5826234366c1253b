"""The pages as a browser gets them: both languages, filters, empty states, twins, nothing that the policy forbids."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from fastapi.testclient import TestClient
from records import frames_of

from inspection.frames import Frames

LANGUAGES = {"zh": "zh-CN", "en": "en"}
HTML = {"accept": "text/html"}


class Read(HTMLParser):
    """Visible text, addresses and attributes of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self._where: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in {"meta", "link", "img", "input", "br"}:
            self._where.append("code" if ("class", "code") in attrs or ("class", "code quiet") in attrs else tag)

    def handle_endtag(self, tag: str) -> None:
        if self._where:
            self._where.pop()

    def handle_data(self, data: str) -> None:
        if not {"code", "pre", "script"} & set(self._where):
            self.words.append(data)

    def values(self, name: str) -> list[str]:
        return [value for _, attribute, value in self.attributes if attribute == name]


@pytest.fixture
def addresses(client: TestClient, three_passes: tuple[int, int, int]) -> list[str]:
    rig = client.get("/api/rigs").json()["items"][0]["sha256"]
    return [f"/rigs/{rig}",
            "/", f"/inspections/{three_passes[0]}", f"/inspections/{three_passes[2]}?map=gloss_gu", "/panels/AM-0007",
            f"/panels/AM-0007/compare?left={three_passes[1]}&right={three_passes[2]}&map=gloss_gu",
            f"/inspections/{three_passes[1]}?kind=crater&status=persists&mark=D3",
            "/recipes", "/recipes/amethyst", "/rigs", "/checks", "/savings", "/about", "/login", "/audit"]  # fmt: skip


def get(client: TestClient, address: str, language: str = "en") -> str:
    answer = client.get(address, headers=HTML | {"accept-language": language})
    assert answer.status_code == 200, address
    return answer.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_speaks_the_language_and_shows_no_code(
    client: TestClient, addresses: list[str], language: str
) -> None:
    for address in addresses:
        text = get(client, address, language)
        assert f'<html lang="{LANGUAGES[language]}">' in text
        shown = " ".join(Read(text).words)
        assert not re.findall(r"\b[a-z]+_[a-z_0-9]+\b|\b[A-Z]+_[A-Z_]+\b", shown), address
        assert "nan" not in shown.lower().split()
        assert "None" not in shown


def test_every_page_obeys_the_policy_of_no_inline_style_script_or_outside_address(
    client: TestClient, addresses: list[str]
) -> None:
    for address in addresses:
        text = get(client, address)
        page = Read(text)
        assert not page.values("style")
        assert not [name for _, name, _ in page.attributes if name.startswith("on")]
        assert not re.search(r"<style|<script(?![^>]*src=)", text)
        linked = page.values("href") + page.values("src") + page.values("action")
        assert not [link for link in linked if not re.match(r"/(?!/)|#|\?", link)], address


def test_every_link_leads_somewhere(client: TestClient, addresses: list[str]) -> None:
    links = set()
    for address in addresses:
        links |= {link for link in Read(get(client, address)).values("href") if link.startswith("/")}
    assert any(link.startswith("/language/") for link in links)
    for link in sorted(links):
        assert client.get(link).status_code == 200, link


def test_every_page_has_a_twin_in_json(client: TestClient, addresses: list[str]) -> None:
    for address in addresses:
        twin = re.search(r'<link rel="alternate" type="application/json" href="([^"]+)"', get(client, address))
        assert twin, address
        answer = client.get(twin[1].replace("&amp;", "&"))
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/json"


def test_the_twin_of_a_filtered_list_has_the_same_inspections(
    client: TestClient, three_passes: tuple[int, int, int]
) -> None:
    text = get(client, "/?panel=AM-0007&pass_number=2&verdict=&recipe=")
    twin = re.search(r'<link rel="alternate" type="application/json" href="([^"]+)"', text)
    assert twin
    items = client.get(twin[1].replace("&amp;", "&")).json()["items"]
    assert [item["id"] for item in items] == [three_passes[1]]
    assert re.findall(r'href="/inspections/(\d+)"', text) == [str(three_passes[1])]


def test_a_list_turns_its_pages_and_ends(client: TestClient, three_passes: tuple[int, int, int]) -> None:
    address, seen = "/?limit=2", []
    while address:
        text = get(client, address)
        seen += [int(number) for number in re.findall(r'class="row \w+" href="/inspections/(\d+)"', text)]
        older = re.search(r'href="([^"]+)" rel="next"', text)
        address = older[1].replace("&amp;", "&") if older else ""
    assert seen == sorted(three_passes, reverse=True)


def test_an_empty_station_says_what_to_do(client: TestClient) -> None:
    assert "paint-station demo" in get(client, "/")
    assert "paint-station calibrate" in get(client, "/rigs")
    assert "paint-station recipe check" in get(client, "/recipes")


@pytest.mark.usefixtures("three_passes")
def test_a_filter_that_fits_nothing_offers_the_way_back(client: TestClient) -> None:
    text = get(client, "/?panel=ZZ-1")
    assert "No inspection fits this choice" in text
    assert 'value="ZZ-1"' in text
    assert 'class="button main" href="/"' in text


@pytest.mark.parametrize("address", ["/?pass_number=many", "/?verdict=maybe", "/?cursor=nonsense", "/rigs?cursor=x"])
def test_a_filter_that_cannot_be_is_refused_on_a_page(client: TestClient, address: str) -> None:
    answer = client.get(address, headers=HTML | {"accept-language": "zh"})
    assert answer.status_code == 422
    assert "检测站无法识别该地址" in answer.text


@pytest.mark.parametrize("address", ["/inspections/999", "/panels/nobody", "/recipes/none", "/nowhere", "/language/xx"])
def test_what_does_not_exist_is_a_page_with_a_way_back(client: TestClient, address: str) -> None:
    for language, heading in {"zh": "没有这个页面", "en": "This page does not exist"}.items():
        answer = client.get(address, headers=HTML | {"accept-language": language})
        assert answer.status_code == 404
        assert heading in answer.text
        assert 'href="/"' in answer.text


def test_the_verdict_is_a_word_and_a_shape(client: TestClient, three_passes: tuple[int, int, int]) -> None:
    failed, passed = get(client, f"/inspections/{three_passes[0]}"), get(client, f"/inspections/{three_passes[2]}")
    assert re.search(r'class="big fail">\s*<svg class="shape fail".*?<strong>Failed</strong>', failed, re.DOTALL)
    assert re.search(r'class="big pass">\s*<svg class="shape pass".*?<strong>Passed</strong>', passed, re.DOTALL)


def test_an_inspection_shows_the_pass_before_and_warns_that_it_is_not_the_newest(
    client: TestClient, three_passes: tuple[int, int, int]
) -> None:
    second, third = get(client, f"/inspections/{three_passes[1]}"), get(client, f"/inspections/{three_passes[2]}")
    assert f'href="/inspections/{three_passes[0]}"' in second
    assert f'href="/inspections/{three_passes[2]}"' in second
    assert "inspected again since" in second
    assert "inspected again since" not in third
    assert 'class="before"' in third


def test_another_attempt_at_the_same_pass_is_said_and_linked(client: TestClient, save: Callable[[Frames], int]) -> None:
    first, second = save(frames_of(1)), save(frames_of(1))
    text = get(client, f"/inspections/{second}")
    assert "attempt 2" in text
    assert f'href="/inspections/{first}"' in text


@pytest.mark.usefixtures("three_passes")
def test_simulated_data_says_so_everywhere(client: TestClient, three_passes: tuple[int, int, int]) -> None:
    for address in ("/", f"/inspections/{three_passes[0]}", "/panels/AM-0007", "/rigs"):
        assert "模拟" in get(client, address, "zh"), address


@pytest.mark.usefixtures("three_passes")
def test_the_certificate_of_a_rig_is_a_page_and_json(client: TestClient) -> None:
    rig = client.get("/api/rigs").json()["items"][0]["sha256"]
    made = client.get(f"/api/rigs/{rig}/certificate").json()
    text = get(client, f"/rigs/{rig}")
    assert made["rig"] == rig
    assert rig in text
    assert "Black glass: refractive index" in text
    assert "黑玻璃：折射率" in get(client, f"/rigs/{rig}", "zh")
    assert f'href="/rigs/{rig}"' in get(client, "/rigs")


def test_the_switch_remembers_and_comes_back_with_the_query(client: TestClient) -> None:
    answer = client.get("/language/en?next=/%3Fpanel%3DAM-0007%26verdict%3Dfail", follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/?panel=AM-0007&verdict=fail"
    again = client.get("/", headers={"accept-language": "zh"}).text
    assert '<html lang="en">' in again


def test_light_or_dark_is_a_persons_choice_and_else_the_devices(client: TestClient) -> None:
    assert "data-theme" not in client.get("/").text
    for theme, told in (("dark", ' data-theme="dark"'), ("light", ' data-theme="light"'), ("auto", "")):
        answer = client.get(f"/theme/{theme}?next=/%3Fverdict%3Dfail", follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, "/?verdict=fail")
        assert f'<html lang="zh-CN"{told}>' in client.get("/", headers={"accept-language": "zh"}).text
    assert client.get("/theme/pink").status_code == 404


@pytest.mark.parametrize("address", ["//evil.example", "/\\evil.example", "https://evil.example", "", "/\r\nX: y"])
def test_the_switch_never_leads_to_another_machine(client: TestClient, address: str) -> None:
    for switch in ("/language/zh", "/theme/dark"):
        answer = client.get(switch, params={"next": address}, follow_redirects=False)
        assert answer.headers["location"] == "/"


def test_a_panels_code_is_text_and_not_markup(client: TestClient, save: Callable[[Frames], int]) -> None:
    save(frames_of(1, panel='<b>"&/\\'))
    text = get(client, "/")
    assert "<b>" not in text
    [link] = {link for link in Read(get(client, "/inspections/1")).values("href") if link.startswith("/panels/")}
    assert client.get(link, headers=HTML).status_code == 200


@pytest.mark.parametrize(
    ("language", "word"), [("zh", "标准件 96%、像素噪声 4%"), ("en", "reference standard 96%, pixel noise 4%")]
)
def test_an_inspection_says_what_its_uncertainties_are_made_of(
    client: TestClient, three_passes: tuple[int, int, int], language: str, word: str
) -> None:
    text = get(client, f"/inspections/{three_passes[0]}", language)
    shown = " ".join(" ".join(Read(text).words).split())
    assert word in shown
