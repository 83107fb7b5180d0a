import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { ROOT } from '../support/source-files.ts'

const LIBRARY = `
export async function send(): Promise<void> {}
export class Sender {
  async post(): Promise<number> {
    return 1
  }
}
export interface Port {
  push(): Promise<void>
}
`
const PLANTED = `
import { type Port, Sender, send } from './library.ts'

export class User {
  readonly #sender = new Sender()
  readonly deps: { port: Port }
  constructor(deps: { port: Port }) {
    this.deps = deps
  }
  async #own(): Promise<void> {}
  floating(): void {
    send()
    this.#sender.post()
    this.#own()
    this.deps.port.push()
    setImmediate(() => {
      send()
    })
    send().then(() => undefined)
  }
  async cared(): Promise<number> {
    await send()
    void send()
    send().catch(() => undefined)
    return this.#sender.post()
  }
}
`

// The rule is one of Biome's young ones: this says when a version of it stops to bite.
t.test('a promise that nobody awaits is found, across imports, in methods and callbacks', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'murmur-biome-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const { linter } = JSON.parse(readFileSync(join(ROOT, '.biome.json'), 'utf8'))
  writeFileSync(join(folder, 'biome.json'), JSON.stringify({ linter }))
  writeFileSync(join(folder, 'library.ts'), LIBRARY)
  writeFileSync(join(folder, 'planted.ts'), PLANTED)
  const { stdout } = spawnSync(join(ROOT, 'node_modules/.bin/biome'), ['lint', '--reporter=github', '.'], {
    cwd: folder,
    encoding: 'utf8',
  })
  const lines = [...stdout.matchAll(/^::error title=lint\/nursery\/noFloatingPromises,.*?,line=(\d+)/gm)].map(
    ([, line]) => PLANTED.split('\n')[Number(line) - 1]!.trim(),
  )
  t.strictSame(lines, [
    'send()',
    'this.#sender.post()',
    'this.#own()',
    'this.deps.port.push()',
    'send()',
    'send().then(() => undefined)',
  ])
})
