import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ROOT } from '../../support/source-files.ts'
import { openIsolatedCliFixture } from '../isolated-cli-fixture.ts'

t.setTimeout(120_000)
const { folder, home, murmur } = openIsolatedCliFixture(t)

t.test('init makes a project, names its files and what comes next', async (t) => {
  const { code, out, err } = await murmur(['init', 'My Agent'])
  t.equal(code, 0, err)
  for (const told of [
    'vendor/murmuration-agent-',
    'cd My Agent',
    'npm install',
    'npm test',
    'npm start',
    '-- dev',
  ])
    t.ok(out.includes(told), told)
  const at = (file: string) => join(folder, 'My Agent', file)
  const manifest = JSON.parse(readFileSync(at('package.json'), 'utf8')) as {
    name: string
    dependencies: Record<string, string>
  }
  t.equal(manifest.name, 'my-agent')
  const kit = manifest.dependencies['@murmuration/agent']!.replace(/^file:/, '')
  t.notMatch(kit, /^[/~]/, 'the kit is inside, so that the project can be moved and committed')
  t.ok(existsSync(at(kit)))
  t.equal(
    readFileSync(at('.murmur/stack-home'), 'utf8').trim(),
    home,
    'it runs against the stack of this home',
  )
  t.match(readFileSync(at('.gitignore'), 'utf8'), /^\.murmur\/$/m, 'which is of this machine alone')
  t.notOk(
    ['package.json', 'README.md', 'src/main.ts'].some((file) =>
      readFileSync(at(file), 'utf8').includes(ROOT),
    ),
    'nothing that is committed names a path of this machine',
  )
})

t.test('init refuses a folder that is not empty, and leaves it as it is', async (t) => {
  mkdirSync(join(folder, 'full'))
  writeFileSync(join(folder, 'full', 'mine.txt'), 'mine')
  writeFileSync(join(folder, 'file'), '')
  const full = await murmur(['init', 'full'])
  t.equal(full.code, 5)
  t.match(full.err, /FILE_EXISTS: .*mine\.txt[\s\S]*→ Name a folder that is empty/)
  t.same(readdirSync(join(folder, 'full')), ['mine.txt'])
  t.equal((await murmur(['init', 'file'])).code, 5)
  t.equal((await murmur(['init'])).code, 2)
})

t.test('a repository without files is empty enough; with --json there is one document', async (t) => {
  mkdirSync(join(folder, 'fresh', '.git'), { recursive: true })
  const made = await murmur(['init', 'fresh', '--json'])
  t.equal(made.code, 0, made.err)
  const { files } = made.json() as { files: string[] }
  for (const file of files) t.ok(existsSync(join(folder, 'fresh', file)), file)
})
