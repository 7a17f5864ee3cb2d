"""Whatever a browser would load from elsewhere is found; a browser, where there is one, says so."""

import base64
import os
import shutil
import signal
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from valley_analysis.reports.resources import external_resources

SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'


def encoded(kind, text):
    return f"data:{kind};base64,{base64.b64encode(text.encode()).decode()}"


# X stands for an address of its own in each form.
FORMS = {
    "img src": "<img src='X'>",
    "img srcset": "<img srcset='a.png 1x, X 2x'>",
    "picture source": "<picture><source srcset='X'><img src='a.png'></picture>",
    "video src": "<video src='X' preload=auto autoplay muted></video>",
    "video poster": "<video poster='X'></video>",
    "video source": "<video preload=auto><source src='X' type='video/mp4'></video>",
    "audio src": "<audio src='X' preload=auto></audio>",
    "track src": "<video src='a.mp4'><track default src='X'></video>",
    "embed src": "<embed src='X' type='text/html'>",
    "object data": "<object data='X' type='text/html'></object>",
    "iframe src": "<iframe src='X'></iframe>",
    "iframe srcdoc": "<iframe srcdoc=\"<img src='X'>\"></iframe>",
    "frame src": "<frameset><frame src='X'></frameset>",
    "input image": "<input type=image src='X'>",
    "body background": "<body background='X'>x</body>",
    "table background": "<table background='X'><tr><td>x</table>",
    "cell background": "<table><tr><td background='X'>x</table>",
    "link stylesheet": "<link rel=stylesheet href='X'>",
    "link alternate stylesheet": "<link rel='alternate stylesheet' title=a href='X'>",
    "link icon": "<link rel=icon href='X'>",
    "link preload": "<link rel=preload as=image href='X'>",
    "link imagesrcset": "<link rel=preload as=image imagesrcset='X 1x'>",
    "link modulepreload": "<link rel=modulepreload href='X'>",
    "link prefetch": "<link rel=prefetch href='X'>",
    "link manifest": "<link rel=manifest href='X'>",
    "link preconnect": "<link rel=preconnect href='X'>",
    "script src": "<script src='X'></script>",
    "module src": "<script type=module src='X'></script>",
    "module import": "<script type=module>import 'X'</script>",
    "dynamic import": "<script>import('X')</script>",
    "import map": (
        '<script type=importmap>{"imports": {"a": "X"}}</script>'
        "<script type=module>import 'a'</script>"
    ),
    "fetch": "<script>fetch('X')</script>",
    "fetch escaped": lambda x: f"<script>fetch('\\x{ord(x[0]):02x}{x[1:]}')</script>",
    "template string": "<script>new Image().src = `X`</script>",
    "html in a script": "<script>document.write(\"<img src='X'>\")</script>",
    "event handler": "<img src='data:,' onerror=\"new Image().src='X'\">",
    "javascript address": "<iframe src=\"javascript:new Image().src='X'\"></iframe>",
    "style attribute": "<p style='background: url(X)'>x</p>",
    "style url": "<style>p {background: url( 'X' )}</style><p>x</p>",
    "style url bare": "<style>p {background: url(X)}</style><p>x</p>",
    "style escaped": "<style>p {background: u\\72l(X)}</style><p>x</p>",
    "style import": "<style>@import 'X';</style>",
    "style import url": "<style>@import url(X);</style>",
    "style comment": "<style>/* a */@import/**/'X';</style>",
    "image-set": "<style>p {background: image-set('X' 1x)}</style><p>x</p>",
    "font-face": (
        "<style>@font-face {font-family: a; src: url(X)} p {font-family: a}</style><p>x</p>"
    ),
    "svg image": f"{SVG}<image href='X' width=9 height=9 /></svg>",
    "svg image xlink": f"{SVG}<image xlink:href='X' width=9 height=9 /></svg>",
    "svg use": f"{SVG}<use href='X#a' /></svg>",
    "svg feImage": (
        f"{SVG}<filter id=f><feImage href='X' /></filter>"
        "<rect width=9 height=9 filter='url(#f)'/></svg>"
    ),
    "svg script": f"{SVG}<script href='X'></script></svg>",
    "svg fill": f"{SVG}<rect width=9 height=9 fill='url(X#a)' /></svg>",
    "svg animate": (
        f"{SVG}<image width=9 height=9><set attributeName='href' to='X' /></image></svg>"
    ),
    "svg style": f"{SVG}<style>@import 'X';</style></svg>",
    "data html": lambda x: f"<iframe src='{encoded('text/html', f'<img src={x}>')}'></iframe>",
    "data html percent": "<iframe src='data:text/html,%3Cimg%20src=%22X%22%3E'></iframe>",
    "data svg": lambda x: (
        f"<object data='{encoded('image/svg+xml', f'{SVG}<image href={x!r} /></svg>')}'></object>"
    ),
    "data css": lambda x: f"<link rel=stylesheet href='{encoded('text/css', f'@import {x!r};')}'>",
    "data script": lambda x: (
        f"<script src='{encoded('text/javascript', f'new Image().src={x!r}')}'></script>"
    ),
    "meta refresh": "<meta http-equiv=refresh content='0; url=X'>",
    "base": "<base href='X/'><img src='a.png'>",
    "form action": "<form id=f action='X'></form><script>f.submit()</script>",
    "entities": lambda x: f"<img src='{''.join(f'&#{ord(sign)};' for sign in x)}'>",
    "upper case": lambda x: f"<IMG SRC='{x.replace('http', 'HTTP')}'>",
    "white space": lambda x: f"<img src=' \n {x[:2]}\t{x[2:]} '>",
    "backslashes": lambda x: f"<img src='{x.replace('//', chr(92) * 2)}'>",
    "no slashes": lambda x: f"<img src='{x.replace('//', '')}'>",
    "one slash": lambda x: f"<img src='{x.replace('//', '/')}'>",
    "no host scheme": lambda x: f"<img src='{x.partition(':')[2]}'>",
    "unquoted": "<img src=X>",
    "unclosed": "<div><img src='X'",
}
# What other than a browser's loading is named too: better than to miss it.
NOT_LOADED = {"unclosed"}


def page(form, address):
    made = FORMS[form]
    return made(address) if callable(made) else made.replace("X", address)


@pytest.mark.parametrize("form", [one for one in FORMS if one not in NOT_LOADED])
def test_every_form_is_found(form):
    found = external_resources(page(form, "https://example.org/x"))
    assert any("example.org/x" in one.replace("\t", "") for one in found), found


@pytest.mark.parametrize(
    "text",
    [
        "<a href='https://a.org'>https://a.org</a><area href='https://a.org'>",
        "<p>url(https://a.org) &lt;img src='https://a.org'&gt;</p>",
        "<img src='data:image/png;base64,//8='><link rel=icon href='data:,'>",
        "<link rel=canonical href='https://a.org'><link rel='alternate' href='https://a.org'>",
        "<blockquote cite='https://a.org'>x</blockquote>",
        f"{SVG}<rect width=9 height=9 fill='url(#a)' /></svg>",
        "<style>@namespace url(http://www.w3.org/1999/xhtml);</style>",
        "<style>p::after {content: 'https://a.org'}</style>",
        '<script type=\'application/ld+json\'>{"@id": "https://a.org"}</script>',
        "<img src='../a/b.png' srcset='b.png 2x'><a href='#x'>x</a>",
        "<!-- <img src='https://a.org'> -->",
        "<meta name=description content='https://a.org'><meta http-equiv=refresh content='5'>",
    ],
)
def test_links_texts_and_what_lies_in_the_page_do_not_count(text):
    assert external_resources(text) == []


@pytest.mark.slow
def test_all_that_a_browser_asks_for_is_found(tmp_path):
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        pytest.skip("no chromium on this machine")
    asked = set()

    class Listening(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.add(self.path.strip("/").partition("/")[0].partition("?")[0])
            self.send_response(404)
            self.send_header("Access-Control-Allow-Origin", "*")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Listening)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        numbered = dict(enumerate(FORMS))
        for number, form in numbered.items():
            address = f"http://127.0.0.1:{server.server_port}/{number}"
            (tmp_path / f"{number}.html").write_text(page(form, address), "utf-8")
        frames = "".join(f"<iframe src='{number}.html'></iframe>" for number in numbered)
        (tmp_path / "all.html").write_text(frames, "utf-8")
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0"]
        options += [f"--user-data-dir={tmp_path / 'profile'}", "--disable-background-networking"]
        options += ["--autoplay-policy=no-user-gesture-required"]
        opened = subprocess.Popen(
            [browser, *options, (tmp_path / "all.html").as_uri()],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            before, deadline = -1, time.monotonic() + 60
            while time.monotonic() < deadline and (len(asked) < 35 or len(asked) != before):
                before = len(asked)
                time.sleep(2)
        finally:
            os.killpg(opened.pid, signal.SIGKILL)
            opened.wait()
    finally:
        server.shutdown()
        server.server_close()
    loaded = {numbered[int(one)] for one in asked if one.isdigit()}
    assert len(loaded) >= 35, sorted(set(FORMS) - loaded)
    assert all(external_resources(page(form, "https://example.org/x")) for form in loaded)
