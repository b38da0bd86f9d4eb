"""Download published files and verify them

A server may be broken or hostile. We follow it to at most ten other addresses, by http or https only. It may send at
most `MAX_BYTES`, and not more slowly than `SLOWEST`. What has arrived is kept in a `.part` file, and the next call asks
for the rest. A file gets its name when it is complete and its hash is right."""
import hashlib, http.client, os, re, time, urllib.error, urllib.request
from pathlib import Path
from chordkd_nb.checkpoint_files import CheckpointError

MAX_BYTES = 200_000_000  # of a published file; the largest known has 36 million
TIMEOUT = 30.  # s without a sign of the server
SLOWEST = 1000.  # bytes per second, averaged over `TIMEOUT`
BLOCK = 2**16  # bytes to read at a time
KEPT = 'What has arrived is kept; call again to continue'


class DownloadError(CheckpointError, OSError):
    "A download that failed; the message names the address and says whether calling again continues it"


def cache_folder(
    cache_dir=None, # a folder; None: `$CHORDKD_CACHE`, or `chordkd` in the user's cache folder
)->Path:
    "Where downloads are kept"
    if cache_dir is None: cache_dir = os.environ.get('CHORDKD_CACHE') or _user_cache()/'chordkd'
    return Path(cache_dir).expanduser()


def _user_cache(): return Path(os.environ.get('XDG_CACHE_HOME') or Path.home()/'.cache')


def git_blob_hash(
    data:bytes, # content of a file
)->str: # 40 hexadecimal digits
    "The hash by which git knows a file"
    return hashlib.sha1(b'blob %d\0' % len(data) + data).hexdigest()


def is_downloaded(
    path:Path, # where the file may be
    blob:str, # git's hash of its content
)->bool:
    "Tell whether the right file is there"
    return path.exists() and path.stat().st_size <= MAX_BYTES and git_blob_hash(path.read_bytes()) == blob


def download_file(
    url:str, # where the file is
    path:Path, # where it goes
    blob:str, # git's hash of its content
    progress:bool=True, # show a bar?
)->Path: # `path`
    "Download a file, or the rest of it, and verify it; another process that wants the same file waits"
    from filelock import FileLock
    part = path.with_name(f'{path.name}.{blob[:8]}.part')
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_name('.lock')):
        if is_downloaded(path, blob): return path
        _fetch(url, part, progress)
        found = git_blob_hash(part.read_bytes())
        if found != blob:
            part.unlink()
            raise DownloadError(f'{url}: not the published file (git hash {found}, should be {blob}); removed')
        os.replace(part, path)
    return path


def _on_the_web(url): return url.lower().startswith(('http://', 'https://'))


class _Redirects(urllib.request.HTTPRedirectHandler):
    "Follow a server to http and https only; urllib itself ends loops"
    def redirect_request(self, req, fp, code, msg, headers, newurl):
        if not _on_the_web(newurl):
            raise DownloadError(f'{req.full_url}: sends us to {newurl[:200]!r}, which is not on the web')
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _fetch(url, part, progress, resume=True):
    "Download all of `url` into the file `part`, continuing what is there"
    if not _on_the_web(url): raise DownloadError(f'{url}: not an address on the web')
    have = part.stat().st_size if resume and part.exists() else 0
    rest = {'Range': f'bytes={have}-'} if have else {}
    request = urllib.request.Request(url, headers={'User-Agent': 'chordkd_nb', **rest})
    try:
        with urllib.request.build_opener(_Redirects).open(request, timeout=TIMEOUT) as response:
            return _receive(response, url, part, have if _continues(response, have) else 0, progress)
    except DownloadError: raise
    except urllib.error.HTTPError as e:
        too_long = e.code == 416 and have  # `part` has more bytes than the file, so it is wrong
        if too_long: return _fetch(url, part, progress, resume=False)
        why = f'the server answers {e.code} {" ".join(str(e.reason).split())[:300]}'
    except (OSError, http.client.HTTPException, ValueError) as e:
        why = f'{str(e) or type(e).__name__} (into {part}). {KEPT}'
    raise DownloadError(f'{url}: {why}')


def _continues(response, have):
    "Tell whether the server sends only what comes after the first `have` bytes"
    return response.status == 206 and response.headers.get('Content-Range', '').startswith(f'bytes {have}-')


def _receive(response, url, part, have, progress):
    "Append the body of `response` to `part`, of which the first `have` bytes count"
    from chordkd_nb._progress import progress_bar
    length = response.headers.get('Content-Length', '')
    total = have + int(length) if re.fullmatch('[0-9]{1,18}', length) else None
    if total and total > MAX_BYTES:
        raise DownloadError(f'{url}: {total} bytes, more than the {MAX_BYTES} that we accept')
    bar = progress_bar(total=total, unit='B', name=part.name, show=progress, initial=have, unit_scale=True)
    with open(part, 'ab' if have else 'wb') as f, bar:
        for block in _blocks(response, url, MAX_BYTES - have):
            f.write(block)
            bar.update(len(block))
            have += len(block)
    if have > MAX_BYTES:
        part.unlink()
        raise DownloadError(f'{url}: more than {MAX_BYTES} bytes')
    if total and have != total: raise DownloadError(f'{url}: cut off after {have} of {total} bytes. {KEPT}')


def _blocks(response, url, most):
    "Yield the body of `response` until it ends or has more than `most` bytes; give up a server that is too slow"
    n, since, total = 0, time.monotonic(), 0
    while total <= most and (block := response.read1(BLOCK)):
        yield block
        n += len(block)
        total += len(block)
        seconds = time.monotonic() - since
        if seconds <= TIMEOUT: continue
        if n < SLOWEST*seconds:
            raise DownloadError(f'{url}: {n} bytes in {seconds:.0f} s, which would take for ever. {KEPT}')
        n, since = 0, time.monotonic()
