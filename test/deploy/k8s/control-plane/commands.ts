import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { ROOT } from '../../../support/source-files.ts'

const execFileAsync = promisify(execFile)
const PAGE = join(ROOT, 'docs/kubernetes.md')
/** What is not run: its program is not among those that a control plane needs. */
const LEFT_OUT = /^helm /

/** The commands of a section of docs/kubernetes.md, as they stand there. @throws where the section has none */
export function commandsOf(heading: string): string[] {
  const section = readFileSync(PAGE, 'utf8')
    .split(/^## /m)
    .find((one) => one.startsWith(`${heading}\n`))
  const blocks = [...(section ?? '').matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = '']) => block)
  const lines = blocks
    .flatMap((block) => block.split('\n'))
    .map((line) => line.replace(/\s+# .*$/, '').trim())
    .filter((line) => line !== '')
  if (lines.length === 0) throw new Error(`${PAGE} has no commands under ${heading}`)
  return lines.filter((line) => !LEFT_OUT.test(line))
}

/** Runs commands of the page one after another, from the root of the project. @throws with what the first that fails said */
export async function runCommands(lines: readonly string[], kubectl: string, kubeconfig: string) {
  const folders = [...(kubectl.includes('/') ? [dirname(kubectl)] : []), process.env.PATH ?? '']
  const outputs: string[] = []
  for (const line of lines) {
    const { stdout } = await execFileAsync('bash', ['-o', 'pipefail', '-ec', line], {
      cwd: ROOT,
      env: { ...process.env, PATH: folders.join(delimiter), KUBECONFIG: kubeconfig },
      maxBuffer: 64 * 1024 * 1024,
    })
    outputs.push(stdout)
  }
  return outputs
}
