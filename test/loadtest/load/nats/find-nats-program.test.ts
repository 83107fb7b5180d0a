import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { findNatsProgram } from '../../../../loadtest/load/nats/find-nats-program.ts'

/** A folder with a program that says it is nats of this version. */
function folderWith(dir: string, version: string): string {
  mkdirSync(dir, { recursive: true })
  const file = join(dir, 'nats')
  writeFileSync(file, `#!/bin/sh\necho v${version}\n`)
  chmodSync(file, 0o755)
  return dir
}

t.test(
  'what a variable names comes first, then PATH, then where go puts it; what is too old is none',
  async (t) => {
    const dir = t.testdir()
    const named = folderWith(join(dir, 'named'), '0.5.0')
    const onPath = folderWith(join(dir, 'path'), '0.4.0')
    const go = folderWith(join(dir, 'go/bin'), '0.3.0')
    const old = folderWith(join(dir, 'old'), '0.1.5')
    const base = { MURMUR_HOME: dir, PATH: '', GOPATH: join(dir, 'nowhere') }
    const find = async (env: NodeJS.ProcessEnv) => {
      const said: string[] = []
      const found = await findNatsProgram((line) => said.push(line), { ...base, ...env }, false)
      return { version: found?.version, said: said.join('\n') }
    }
    t.match(await find({ MURMUR_NATS_CLI: join(named, 'nats'), PATH: onPath }), { version: '0.5.0' })
    t.match(await find({ PATH: onPath, GOBIN: go }), { version: '0.4.0' })
    t.match(await find({ GOPATH: join(dir, 'go') }), { version: '0.3.0' })
    const none = await find({ PATH: old })
    t.equal(none.version, undefined)
    t.match(none.said, /too old[\s\S]*go install: no nats[\s\S]*cache: nothing there yet/)
    await t.rejects(
      find({ MURMUR_NATS_CLI: join(dir, 'nothing') }),
      /MURMUR_NATS_CLI: .* is not an executable file/,
    )
  },
)
