import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

// In a process of its own: what files are made with is of the whole process.

t.test(
  'what is written below the home is for its user alone, also what an earlier version has left open',
  async (t) => {
    const home = t.testdir({})
    mkdirSync(join(home, 'data'))
    chmodSync(join(home, 'data'), 0o755)
    const module = join(import.meta.dirname, '../../../../deploy/local/servers/private-files.ts')
    const program = `
    import { mkdirSync, writeFileSync } from 'node:fs'
    import { spawnSync } from 'node:child_process'
    const { keepPrivate } = await import(${JSON.stringify(module)})
    keepPrivate(${JSON.stringify(home)})
    writeFileSync(${JSON.stringify(join(home, 'data', 'file'))}, 'x')
    mkdirSync(${JSON.stringify(join(home, 'data', 'folder'))})
    spawnSync('touch', [${JSON.stringify(join(home, 'logs', 'of-a-child'))}])`
    execFileSync(process.execPath, ['--input-type=module', '-e', program])
    const mode = (...path: string[]) => (statSync(join(home, ...path)).mode & 0o777).toString(8)
    for (const folder of ['data', 'logs', 'run']) t.equal(mode(folder), '700', folder)
    t.equal(mode('data', 'file'), '600')
    t.equal(mode('data', 'folder'), '700')
    t.equal(mode('logs', 'of-a-child'), '600')
  },
)
