"A web server on this machine that misbehaves in a chosen way"
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PAUSE = dict(slow=.05, stalled=3)  # s, between two bytes
NO_LENGTH = ('endless', 'unknown')


def claimed_length(way, n):
    "What the header says about a body of `n` bytes"
    claims = dict(longer=n+5, shorter=n-5, nonsense='²', digits='9'*5000, enormous=10**12, negative=-1)
    return str(claims.get(way, n))


class Handler(BaseHTTPRequestHandler):
    "Answers in the way, and with the content, of its server"

    def log_message(self, *args): pass

    def do_GET(self):
        self.server.asked.append((self.path, self.headers.get('Range')))
        if target := self.redirection(): return self.redirect(target)
        start = self.first_byte()
        body = self.server.content[start:]
        self.send_head(start, body)
        try: self.send_body(body)
        except OSError: pass  # the client has had enough

    def redirection(self):
        "Where this request is sent instead, or None"
        way = self.server.way
        if way == 'loop': return self.path
        if way == 'chain': return f'/{len(self.server.asked)}'
        if way.startswith(('file:', 'ftp:', 'data:', 'gopher:')): return way
        if way == 'once' and not self.path.startswith('/moved'): return '/moved'

    def redirect(self, target):
        self.send_response(302)
        self.send_header('Location', target)
        self.end_headers()

    def first_byte(self):
        "Where the answer starts: `Range: bytes=100-` asks for the rest"
        asked = self.headers['Range']
        return int(asked[len('bytes='):-1]) if asked and self.server.way != 'whole' else 0

    def send_head(self, start, body):
        self.send_response(206 if start else 200)
        n = len(self.server.content)
        if start: self.send_header('Content-Range', f'bytes {start}-{n-1}/{n}')
        if self.server.way not in NO_LENGTH:
            self.send_header('Content-Length', claimed_length(self.server.way, len(body)))
        self.end_headers()

    def send_body(self, body):
        way = self.server.way
        if way in PAUSE: self.send_slowly(body[:200], PAUSE[way])
        elif way == 'cut': self.wfile.write(body[:len(body)//2])
        elif way != 'endless': self.wfile.write(body)
        while way == 'endless': self.wfile.write(bytes(2**16))

    def send_slowly(self, body, pause):
        for k in range(len(body)):
            self.wfile.write(body[k:k+1])
            self.wfile.flush()
            time.sleep(pause)


@contextmanager
def bad_server(content):
    "A server: set its `way` and `content`; `asked` lists (path, range) of every request"
    server = ThreadingHTTPServer(('127.0.0.1', 0), Handler)
    server.daemon_threads = True
    server.content, server.way, server.asked = content, 'good', []
    server.address = f'http://127.0.0.1:{server.server_port}'
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try: yield server
    finally:
        server.shutdown()
        server.server_close()
