import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { projectRoot } from '../../deploy/local/project-paths.ts'

/** Runs a tool of node_modules in the project; its output is printed only when it fails. */
export function runTool(name: string, args: string[]): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const child = spawn(join(projectRoot, 'node_modules', '.bin', name), args, {
      cwd: projectRoot,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const output: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => output.push(chunk))
    child.on('error', reject)
    child.on('close', (code) => {
      if (code !== 0) process.stdout.write(Buffer.concat(output))
      resolve(code === 0)
    })
  })
}

/** Prints a line of the gate. */
export function printLine(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** Runs a named step; prints whether it passed and how long it took. */
export async function step(name: string, run: () => Promise<boolean>): Promise<boolean> {
  const startedAtMs = performance.now()
  const passed = await run()
  printLine(`${passed ? '✓' : '✗'} ${name} (${((performance.now() - startedAtMs) / 1_000).toFixed(1)} s)`)
  return passed
}
