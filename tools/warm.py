"""Run Python commands without importing large libraries again for each.

A process imports LIBRARIES, forks itself for each command, and the fork goes on as that command: it has standard
output, working directory, arguments and search path of a new process, imports chordkd_nb anew, and ends when its
threads and exit functions are done. Two commands share nothing but these imports. Where forks are not safe, each
command is a new process.
usage: warm.py LIBRARY ...      (reads commands from standard input, and answers with their exit status)"""
import atexit, gc, importlib, json, os, runpy, signal, subprocess, sys, tempfile, threading, time, traceback
from contextlib import suppress
from pathlib import Path

# what most notebooks and tests import, none of which starts a thread that a fork would lack
LIBRARIES = [
    'nbdev.test', 'pytest', 'hypothesis', 'pandas', 'scipy.signal', 'seaborn', 'soundfile', 'mir_eval.chord',
    'torch', 'accelerate',
    'torch._dynamo',  # the first optimizer imports it
    'onnxscript'      # the first export does
]
FORKS = sys.platform == 'linux'  # macOS has threads in its own libraries, Windows no forks
LATE = 'late'  # the answer for a command that did not end in time


class WarmPython:
    "Run one Python command after another, each in a fork of a process that has imported LIBRARIES"
    def __init__(self, env, libraries=LIBRARIES):
        self.env, self.libraries = env, libraries
        self.process = None

    def run(self, *command, cwd, timeout):
        """Run `python COMMAND`: why it failed, or None.
        The command begins with the path of a script, or with -m and the name of a module."""
        command = list(map(str, command))
        with tempfile.TemporaryFile('w+', errors='replace') as output:
            status = (self.forked if FORKS else self.new)(command, output, cwd, timeout)
            output.seek(0)
            if not status: return None
            name = command[1] if command[0] == '-m' else Path(command[0]).name
            ended = f'did not end within {timeout} s' if status == LATE else f'ended with status {status}'
            return f'{output.read()}\n{name} {ended}'

    def new(self, command, output, cwd, timeout):
        "Run a command in a new process: its exit status"
        how = dict(cwd=cwd, env=self.env, timeout=timeout, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        try: return subprocess.run([sys.executable, *command], **how).returncode
        except subprocess.TimeoutExpired: return LATE

    def forked(self, command, output, cwd, timeout):
        "Run a command in a fork: its exit status"
        if self.process is None or self.process.poll() is not None:
            pipes = dict(stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            server = [sys.executable, __file__, *self.libraries]
            self.process = subprocess.Popen(server, env=self.env, text=True, **pipes)
        there = f'/proc/{os.getpid()}/fd/{output.fileno()}'
        print(json.dumps([command, there, str(cwd), timeout]), file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline()
        return json.loads(answer) if answer else 'unknown, since the process that forks is gone'

    def close(self):
        "End the process that forks"
        if self.process: self.process.communicate()
        self.process = None


def next_command():
    "Read commands and fork for each of them; returns in the fork, with the command"
    for line in sys.stdin:
        command, output, cwd, timeout = json.loads(line)
        pid = os.fork()
        if not pid: return command, output, cwd
        print(json.dumps(exit_status(pid, timeout)), flush=True)
    sys.exit()


def exit_status(pid, timeout):
    "Wait for a process, and kill it if it is late: its exit status, negative for a signal"
    end = time.monotonic() + timeout
    while True:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended: return os.waitstatus_to_exitcode(status)
        if time.monotonic() > end: break
        time.sleep(.02)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return LATE


def become(command, output, cwd):
    "Go on as `python COMMAND`"
    there = os.open(output, os.O_WRONLY | os.O_APPEND)
    for stream,fd in ((0, os.open(os.devnull, os.O_RDONLY)), (1, there), (2, there)): os.dup2(fd, stream)
    os.chdir(cwd)
    is_module = command[0] == '-m'
    sys.argv = command[1:] if is_module else command
    sys.path[0] = str(cwd) if is_module else str(Path(command[0]).parent)
    if is_module: runpy.run_module(command[1], run_name='__main__', alter_sys=True)
    else: runpy.run_path(command[0], run_name='__main__')


def exit_code(reason):
    "The exit status of a program that raised SystemExit(reason)"
    if reason is None or isinstance(reason, int): return reason or 0
    print(reason, file=sys.stderr)
    return 1


def end(status):
    "End like a program: wait for threads, and do what is registered; but do not free a thousand modules one by one"
    threading._shutdown()
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr): stream.flush()
    os._exit(status)


def main():
    for name in sys.argv[1:]:
        with suppress(ImportError): importlib.import_module(name)  # a command that needs it will say so
    gc.freeze()  # or collecting garbage in a fork would copy the memory that it shares
    command = next_command()
    status = 1
    try:
        become(*command)
        status = 0
    except SystemExit as e: status = exit_code(e.code)
    except BaseException: traceback.print_exc()
    end(status)


if __name__ == '__main__': main()
