import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Test } from 'tap'

export interface RtspServer {
  url: string
  /** At once, as when somebody pulls the plug. */
  kill(): Promise<void>
  /** On the same port. */
  restart(): Promise<void>
}

/** The Python that can run the server, as the gate found it; undefined where there is none: skip then, and say so. */
export const rtspPython = process.env.MURMUR_RTSP_PYTHON

/** A real RTSP server that serves an H.264 clip from its beginning to whoever comes first; gone when the test ends. */
export async function startRtspServer(t: Pick<Test, 'teardown'>, clip: string): Promise<RtspServer> {
  let child: ChildProcess | undefined
  const end = async () => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }
  const start = async (port: string) => {
    child = spawn(rtspPython!, [join(import.meta.dirname, 'rtsp_server.py'), clip, port], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const [line] = await once(child.stdout!, 'data')
    return String(line).trim()
  }
  t.teardown(end)
  const port = await start('0')
  return {
    url: `rtsp://127.0.0.1:${port}/cam`,
    kill: end,
    restart: async () => void (await start(port)),
  }
}
