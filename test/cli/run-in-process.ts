import { Readable, Writable } from 'node:stream'
import { runCli } from '../../services/cli/run-cli.ts'

/** What came of a command line. */
export interface Outcome {
  readonly code: number | null
  readonly out: string
  readonly err: string
  /** The one document on standard output. */
  json(): Record<string, unknown>
  /** The documents on standard output, one a line. */
  documents(): Record<string, unknown>[]
}

export interface Where {
  readonly folder: string
  readonly env: NodeJS.ProcessEnv
  readonly stdin?: string
}

/**
 * Runs a command line to its end by what the program runs (`runCli`), without a process of its own: that takes half a second
 * of processor time. What is about the process (exit codes, signals, pipes) takes `startMurmur` or `spawnMurmur`.
 */
export async function runInProcess(args: readonly string[], where: Where): Promise<Outcome> {
  const [out, err] = [new Collected(), new Collected()]
  const input = () => Readable.from([Buffer.from(where.stdin ?? '')])
  const code = await runCli(args, { env: where.env, folder: where.folder, input, out, err })
  return outcomeOf(code, out.text, err.text)
}

export function outcomeOf(code: number | null, out: string, err: string): Outcome {
  return {
    code,
    out,
    err,
    json: () => JSON.parse(out) as Record<string, unknown>,
    documents: () => documentsIn(out),
  }
}

export function documentsIn(out: string): Record<string, unknown>[] {
  return out
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

class Collected extends Writable {
  text = ''

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString()
    done()
  }
}
