import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Test } from 'tap'
import { buildSdk } from '../../deploy/local/sdk/pack-sdk.ts'
import { ROOT } from '../support/source-files.ts'

export const SDK = '@murmuration/agent'
export const TEMPLATE = join(ROOT, 'examples/agent-project')

/** What the project of a careful author asks of the compiler. */
export const STRICT = {
  target: 'es2022',
  strict: true,
  skipLibCheck: false,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  rewriteRelativeImportExtensions: true,
  rootDir: 'src',
  outDir: 'dist',
}

/** A project of its own outside the repository, which has the built kit, and of the repository's packages only those that it may use. */
export async function openProject(t: Pick<Test, 'teardown'>): Promise<{ folder: string; kit: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'murmur-project-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const modules = join(folder, 'node_modules')
  const kit = join(modules, SDK)
  mkdirSync(kit, { recursive: true })
  await buildSdk(kit)
  for (const name of readdirSync(join(ROOT, 'node_modules')))
    if (/^(@marcbachmann|@nats-io|@types|pino|prom-client|croner|zod)$/.test(name))
      symlinkSync(join(ROOT, 'node_modules', name), join(modules, name))
  cpSync(join(TEMPLATE, 'src'), join(folder, 'src'), { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{"name": "project", "private": true, "type": "module"}')
  return { folder, kit }
}

/** What the compiler says about the project; empty when it is content. */
export function compile(folder: string, options: object): string {
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: { ...STRICT, ...options }, include: ['src'] }),
  )
  try {
    // More checkers would each know all types anew.
    execFileSync(join(ROOT, 'node_modules/.bin/tsc'), ['--checkers', '1'], { cwd: folder, encoding: 'utf8' })
    return ''
  } catch (error) {
    return String((error as { stdout?: string }).stdout)
  }
}

/** Writes a file of the project. */
export function writeInto(folder: string, file: string, text: string): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true })
  writeFileSync(join(folder, file), text)
}
