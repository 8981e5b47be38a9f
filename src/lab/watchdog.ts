// Cleans up behind a process that dies in whatever way, SIGKILL included: no exit handler can do that.
import { spawn } from 'node:child_process'

/** The pid comes out of a file that goes away with the server: a reused pid is never signalled. */
const SCRIPT = `
cat >/dev/null
pid=$(head -n 1 "$1/$2" 2>/dev/null) && kill -"$3" "$pid"
umount -l "$1" 2>/dev/null
for _ in 1 2 3 4 5; do rm -rf "$1" "$1.log" && break; sleep 1; done
name="$(basename "$1")"
for _ in 1 2 3 4 5 6 7 8 9; do
  rmdir "/sys/fs/cgroup/$name" "/sys/fs/cgroup/blkio/$name" "/sys/fs/cgroup/memory/$name" 2>/dev/null
  ls -d "/sys/fs/cgroup/$name" "/sys/fs/cgroup/blkio/$name" "/sys/fs/cgroup/memory/$name" 2>/dev/null | grep -q . || break
  sleep 1
done
`

/**
 * Ends the server in `dir` and removes the folder and the log beside it, and the control groups of its name (cage.ts), when this process is gone: a shell waits at the end of a pipe that
 * the kernel closes with us. In a session of its own, so that Ctrl-C does not end it first. `pidFile` lies in `dir`.
 * Returns how to call it off.
 */
export const watchOver = (dir: string, pidFile: string, signal: 'QUIT' | 'KILL'): (() => void) => {
  const shell = spawn('/bin/sh', ['-c', SCRIPT, 'spillway-watchdog', dir, pidFile, signal], {
    detached: true,
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  shell.on('error', () => undefined)
  shell.stdin.on('error', () => undefined)
  shell.unref()
  return () => {
    shell.kill('SIGKILL')
    shell.stdin.destroy()
  }
}
