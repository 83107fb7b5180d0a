import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import {
  type BuildSpec,
  buildFolder,
  contentHash,
  findBuild,
  startBuild,
} from '../../../../deploy/local/builds/cached-build.ts'

const SPEC: BuildSpec = {
  name: 'murmur-example',
  inputs: ['src/**/*.ts', 'lock.json'],
  marker: 'made',
  program: 'build.ts',
}

function project(): string {
  const root = mkdtempSync(join(tmpdir(), 'murmur-cached-build-'))
  t.teardown(() => rmSync(root, { recursive: true, force: true }))
  mkdirSync(join(root, 'src/app'), { recursive: true })
  writeFileSync(join(root, 'lock.json'), '{}')
  writeFileSync(join(root, 'src/app/a.ts'), '1')
  // What builds it, as a program that takes a folder.
  writeFileSync(
    join(root, 'build.ts'),
    "import { mkdirSync, writeFileSync } from 'node:fs'\nmkdirSync(process.argv[2], { recursive: true })\nwriteFileSync(process.argv[2] + '/made', '')\n",
  )
  return root
}

t.test('it is built once for each content', async (t) => {
  const root = project()
  const first = await findBuild(SPEC, root)
  t.notOk(first.isBuilt)
  await startBuild(SPEC, first.folder, root).done
  t.strictSame(await findBuild(SPEC, root), { folder: first.folder, isBuilt: true })
  writeFileSync(join(root, 'src/app/a.ts'), '2')
  const changed = await findBuild(SPEC, root)
  t.notOk(changed.isBuilt)
  t.not(changed.folder, first.folder)
})

t.test('the name depends on names and contents of the inputs and on nothing else', async (t) => {
  const root = project()
  const copy = mkdtempSync(join(tmpdir(), 'murmur-cached-build-'))
  t.teardown(() => rmSync(copy, { recursive: true, force: true }))
  cpSync(root, copy, { recursive: true })
  writeFileSync(join(copy, 'src/notes.txt'), 'no input')
  const hash = await contentHash(SPEC.inputs, root)
  t.equal(await contentHash(SPEC.inputs, copy), hash)
  writeFileSync(join(copy, 'src/b.ts'), '')
  t.not(await contentHash(SPEC.inputs, copy), hash)
  t.match(buildFolder(SPEC, 'abc', root), /node_modules\/\.cache\/murmur-example\/abc$/)
})

t.test('a build that fails says with what, and one can be stopped', async (t) => {
  const root = project()
  const { folder } = await findBuild(SPEC, root)
  writeFileSync(join(root, 'build.ts'), "throw new Error('no such module')\n")
  await t.rejects(startBuild(SPEC, folder, root).done, /murmur-example was not built:[\s\S]*no such module/)
  writeFileSync(join(root, 'build.ts'), 'setInterval(() => {}, 1000)\n')
  const endless = startBuild(SPEC, folder, root)
  endless.stop()
  t.ok(endless.isStopped())
  await t.rejects(endless.done)
})

t.test('a folder that was half removed is made anew', async (t) => {
  const root = project()
  const { folder } = await findBuild(SPEC, root)
  mkdirSync(join(folder, 'left'), { recursive: true })
  t.notOk((await findBuild(SPEC, root)).isBuilt)
  await startBuild(SPEC, folder, root).done
  t.ok((await findBuild(SPEC, root)).isBuilt)
  t.notOk(existsSync(join(folder, 'left')))
})

t.test('of earlier contents those used last are kept', async (t) => {
  const root = project()
  const folders: string[] = []
  for (let i = 0; i < 7; i++) {
    writeFileSync(join(root, 'src/app/a.ts'), String(i))
    const { folder } = await findBuild(SPEC, root)
    folders.push(folder)
    await startBuild(SPEC, folder, root).done
    // As if time had gone by: the first is the one that somebody has used since.
    utimesSync(folder, 1000 + i, i === 0 ? 2_000_000_000 : 1000 + i)
  }
  t.strictSame(
    folders.map((folder) => existsSync(folder)),
    [true, false, false, true, true, true, true],
  )
})
