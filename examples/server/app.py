"""A page that recognises the songs that people upload, with limits on everything that they could make too large.

    pip install chordkd_nb fastapi uvicorn python-multipart
    uvicorn --app-dir examples/server app:app --limit-concurrency 100
    curl -F song=@song.mp3 'http://127.0.0.1:8000/chords?format=json&names=pop'

Environment variables change the limits: CHORDS_MEGABYTES, CHORDS_MINUTES, CHORDS_SECONDS, CHORDS_WORKERS and
CHORDS_WAITING. Songs are recognised by threads of this process, which share one model. Start several processes behind
a proxy (`uvicorn --workers`) if one is not enough.
"""
import asyncio
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import PurePath
from typing import Literal
import numpy as np
from fastapi import FastAPI, HTTPException, Request, UploadFile
from fastapi.responses import HTMLResponse, JSONResponse, Response
from chordkd_nb import recognize
from chordkd_nb.audio import AudioError, audio_blocks
from chordkd_nb.formats import chords_as
from chordkd_nb.recognition import get_model

RATE = 22050  # Hz, of the model
TYPES = dict(json='application/json', lab='text/plain', csv='text/csv', html='text/html')
PAGE = '''<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Chords</title>
<h1>Chords of a song</h1>
<form action="/chords?format=html" method="post" enctype="multipart/form-data">
<label>A recording <input type="file" name="song" accept="audio/*" required></label> <button>Recognise</button>
</form></html>'''


def limit(name, default): return float(os.environ.get(f'CHORDS_{name}', default))


MAX_BYTES = int(limit('MEGABYTES', 50)*1e6)  # of an upload
MAX_MINUTES = limit('MINUTES', 15)  # of a song, however small its file
MAX_SECONDS = limit('SECONDS', 60)  # for an answer, the time in the queue included
WORKERS = int(limit('WORKERS', os.cpu_count() or 1))  # songs that are recognised at once
WAITING = int(limit('WAITING', 4*WORKERS))  # songs that may wait for a worker


class Refused(Exception):
    "What we tell the client instead of chords"
    def __init__(self, status, why): self.status, self.why = status, why


class Job:
    "One song for a worker, with a deadline; `cancel` takes it back, also while it is recognised"
    def __init__(self): self.deadline, self.cancelled = time.monotonic() + MAX_SECONDS, threading.Event()

    def check(self, share=0.):
        "Called again and again while the song is read and recognised"
        if self.cancelled.is_set() or time.monotonic() > self.deadline:
            raise Refused(504, f'This took more than {MAX_SECONDS:g} s.')

    def samples(self, file):
        "Decode block by block, so that a small file cannot become a long song"
        blocks, n = [], 0
        for block in audio_blocks(file, RATE, seconds=10):
            self.check()
            blocks.append(block)
            n += len(block)
            if n > MAX_MINUTES*60*RATE: raise Refused(413, f'Songs may have {MAX_MINUTES:g} minutes.')
        return np.concatenate(blocks)

    def run(self, file, title, format, names):
        "Recognise the song in a file: what the client gets"
        try:
            self.check()
            y = self.samples(file)
            chords = recognize(y, orig_sr=RATE, progress=self.check)
            sound = dict(audio=y, orig_sr=RATE) if format == 'html' else {}
            return chords_as(chords, format, title, names=names, **sound)
        except AudioError as error:
            why = str(error).removeprefix('An open file: ')
            raise Refused(422, f'This is no sound that we can read: {why}') from None


@asynccontextmanager
async def started(app):
    get_model()  # before the first song
    app.state.pool, app.state.jobs = ThreadPoolExecutor(WORKERS), 0
    yield
    app.state.pool.shutdown(cancel_futures=True)


app = FastAPI(title='Chords of a song', lifespan=started)


@app.middleware('http')
async def limit_size(request: Request, call_next):
    "Refuse a body by its announced length, which the server then enforces, before any of it is stored"
    if request.method == 'POST':
        length = request.headers.get('content-length', '')
        if not length.isdigit(): return problem(411, 'Send the length of the file, Content-Length.')
        if int(length) > MAX_BYTES: return problem(413, f'Files may have {MAX_BYTES/1e6:g} MB.')
    return await call_next(request)


def problem(status, why):
    return JSONResponse(dict(detail=why), status, {'Retry-After': '10'} if status == 503 else None)


@app.get('/', response_class=HTMLResponse)
def page(): return PAGE


@app.post('/chords')
async def chords(song: UploadFile, format: Literal['json', 'lab', 'csv', 'html'] = 'json',
                 names: Literal['harte', 'pop', 'jazz'] | None = None):
    "Recognise an uploaded recording"
    if names not in (None, 'harte') and format == 'lab': raise HTTPException(422, 'lab has Harte labels only.')
    if app.state.jobs >= WORKERS + WAITING: return problem(503, 'Too many songs are waiting. Try again later.')
    job, title = Job(), PurePath(song.filename or '').stem
    app.state.jobs += 1
    running = asyncio.get_running_loop().run_in_executor(app.state.pool, job.run, song.file, title, format, names)
    running.add_done_callback(finished)
    try: content = await asyncio.wait_for(asyncio.shield(running), MAX_SECONDS)
    except Refused as error: return problem(error.status, error.why)
    except asyncio.TimeoutError: return problem(504, f'This took more than {MAX_SECONDS:g} s.')
    finally: job.cancelled.set()  # also when the client has gone
    return Response(content, media_type=TYPES[format])


def finished(running):
    "A worker is free again, later than its client has gone if that did not want to wait"
    app.state.jobs -= 1
    if not running.cancelled(): running.exception()  # has been told to the client, or nobody waits for it
