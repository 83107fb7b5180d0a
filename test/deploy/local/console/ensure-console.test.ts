import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { consoleFolder, consoleHash, ensureConsole } from '../../../../deploy/local/console/ensure-console.ts'

function project(): string {
  const root = mkdtempSync(join(tmpdir(), 'murmur-ensure-console-'))
  t.teardown(() => rmSync(root, { recursive: true, force: true }))
  for (const folder of ['services/console/build', 'services/console/app', 'schemas', 'docs'])
    mkdirSync(join(root, folder), { recursive: true })
  writeFileSync(join(root, 'package-lock.json'), '{}')
  writeFileSync(join(root, 'docs/openapi.json'), '{}')
  writeFileSync(join(root, 'services/console/app/a.ts'), '1')
  // What builds it, as a program that takes a folder.
  writeFileSync(
    join(root, 'services/console/build/main.ts'),
    "import { mkdirSync, writeFileSync } from 'node:fs'\nconst folder = process.argv[2]\nmkdirSync(folder, { recursive: true })\nwriteFileSync(folder + '/index.html', 'x')\n",
  )
  return root
}

t.test('it is built once for each content', async (t) => {
  const root = project()
  const first = await ensureConsole(root)
  t.ok(first.building)
  await first.building
  const second = await ensureConsole(root)
  t.equal(second.building, undefined)
  t.equal(second.folder, first.folder)
  writeFileSync(join(root, 'services/console/app/a.ts'), '2')
  t.not(await consoleHash(root), (await ensureConsole(project())).folder)
  const third = await ensureConsole(root)
  t.not(third.folder, first.folder)
  await third.building
})

t.test('the name depends on the contents and on nothing else', async (t) => {
  const root = project()
  const copy = mkdtempSync(join(tmpdir(), 'murmur-ensure-console-'))
  t.teardown(() => rmSync(copy, { recursive: true, force: true }))
  cpSync(root, copy, { recursive: true })
  t.equal(await consoleHash(copy), await consoleHash(root))
  t.match(consoleFolder('abc', root), /node_modules\/\.cache\/murmur-console\/abc$/)
})

t.test('a build that fails says with what, and one can be stopped', async (t) => {
  const root = project()
  writeFileSync(join(root, 'services/console/build/main.ts'), "throw new Error('no such module')\n")
  const failed = await ensureConsole(root)
  await t.rejects(failed.building!, /not built:[\s\S]*no such module/)
  writeFileSync(join(root, 'services/console/build/main.ts'), 'setInterval(() => {}, 1000)\n')
  const endless = await ensureConsole(root)
  endless.stop()
  t.ok(endless.isStopped())
  await t.rejects(endless.building!)
})
