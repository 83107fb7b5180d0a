import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MurmurError } from '#platform/errors/murmur-error.ts'

const MAX_STDERR_BYTES = 64 * 1024

/** How a program ended, with what it wrote up to the caps. */
export interface ToolRun {
  exitCode: number | null
  stdout: Buffer
  stderr: string
}

export interface ToolOptions {
  /** Kills the program at once; `run` then rejects with its reason. */
  signal: AbortSignal
  maxStdoutBytes: number
}

/**
 * Runs ffmpeg or ffprobe on untrusted input: no shell, nothing of our environment, nothing on stdin, output capped,
 * killed on abort. Resolves only when the program is gone.
 * @throws MurmurError LIMIT_EXCEEDED when it writes more than the cap; the reason of the signal
 */
export function runMediaTool(
  program: string,
  args: readonly string[],
  options: ToolOptions,
): Promise<ToolRun> {
  const { signal, maxStdoutBytes } = options
  signal.throwIfAborted()
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: {}, stdio: ['ignore', 'pipe', 'pipe'] })
    const out: Buffer[] = []
    let outBytes = 0
    let stderr = ''
    let failure: Error | undefined
    const abort = () => void child.kill('SIGKILL')
    signal.addEventListener('abort', abort, { once: true })
    child.stdout.on('data', (part: Buffer) => {
      outBytes += part.length
      if (outBytes <= maxStdoutBytes) return void out.push(part)
      failure = new MurmurError('LIMIT_EXCEEDED', 'a frame of the video is too large to be kept')
      abort()
    })
    child.stderr.on('data', (part: Buffer) => {
      if (stderr.length < MAX_STDERR_BYTES) stderr += part.toString()
    })
    child.on('error', (error) => {
      failure = error
    })
    child.on('close', (exitCode) => {
      signal.removeEventListener('abort', abort)
      if (signal.aborted) return reject(signal.reason)
      if (failure) return reject(failure)
      resolve({ exitCode, stdout: Buffer.concat(out), stderr })
    })
  })
}

/**
 * Lends the bytes as a file in a folder of its own that only this user can enter; both are gone when `use` has ended,
 * however it ended. Videos need a file rather than a pipe: their index often stands at the end.
 */
export async function withPrivateFile<Result>(
  bytes: Uint8Array,
  use: (path: string) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), `murmur-video-${process.pid}-`)) // mode 0700
  try {
    const path = join(folder, 'source')
    await writeFile(path, bytes, { mode: 0o600 })
    return await use(path)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
