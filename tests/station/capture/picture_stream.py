"""A camera on the network that sends JPEG pictures over HTTP, as many do (MJPEG)."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import cv2
import numpy as np

WIDTH, HEIGHT = 80, 60
PER_SECOND = 60


class PictureStream:
    """What the camera looks at, and whether it still sends."""

    def __init__(self) -> None:
        self.grey = 0
        self.sends = True
        self.address = ""

    def show(self, grey: int) -> None:
        """An even grey, 0 … 255."""
        self.grey = grey


@contextmanager
def picture_stream() -> Iterator[PictureStream]:
    """One on loopback."""
    stream = PictureStream()

    class Sender(BaseHTTPRequestHandler):
        def log_message(self, *words: object) -> None:
            """Not on the test's output."""

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=next")
            self.end_headers()
            while stream.sends:
                picture = np.full((HEIGHT, WIDTH, 3), stream.grey, np.uint8)
                content = cv2.imencode(".jpg", picture)[1].tobytes()
                head = b"--next\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(content)
                try:
                    self.wfile.write(head + content + b"\r\n")
                except OSError:
                    return
                time.sleep(1 / PER_SECOND)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Sender)
    stream.address = f"http://127.0.0.1:{server.server_port}/stream.mjpeg"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield stream
    finally:
        stream.sends = False
        server.shutdown()
        server.server_close()
        thread.join(10)
