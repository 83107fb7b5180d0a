import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'

interface ModulesOf {
  importsOf(source: string): string[]
  closureOfSources(root: string, entries: string[]): { files: Set<string>; packages: Set<string> }
  closureOfPackages(modules: string, names: Iterable<string>): Set<string>
  isRun(path: string, machine?: { platform: string; arch: string }): boolean
  copyModules(from: string, to: string, entries: string[]): string[]
}
const modulesOf: ModulesOf = await import(join(import.meta.dirname, '../../../deploy/images/modules-of.mjs'))
const { importsOf, closureOfSources, closureOfPackages, isRun, copyModules } = modulesOf

t.test('what a source imports when it runs, and not its types', async (t) => {
  const source = `import fs from 'node:fs'
import type { A } from 'types-only'
import {
  b,
} from '#platform/b.ts'
export { c } from './c.ts'
export type { D } from 'types-only'
import 'for-its-effects'
const e = await import('later')
const f = require('old')
const g = require.resolve('found')
new Worker(new URL('./thread.ts', import.meta.url))
const h = new URL('https://example.org/x.js')
// a comment that speaks of imports from somewhere
`
  t.strictSame(
    new Set(importsOf(source)),
    new Set([
      'node:fs',
      '#platform/b.ts',
      './c.ts',
      'for-its-effects',
      'later',
      'old',
      'found',
      './thread.ts',
    ]),
  )
})

/** A project with packages that need each other. */
function project(t: Pick<Test, 'testdir'>): string {
  const manifest = (name: string, more: object = {}) => JSON.stringify({ name, version: '1.0.0', ...more })
  return t.testdir({
    'package.json': JSON.stringify({ imports: { '#own/*': './services/own/*' } }),
    services: {
      'main.ts': "import '#own/a.ts'\nimport 'direct/part'\nimport 'node:fs'\n",
      own: { 'a.ts': "import './b.ts'\n", 'b.ts': "export { x } from '@scope/inner'\n" },
      'other.ts': "import 'never-imported'\n",
    },
    node_modules: {
      direct: {
        'package.json': manifest('direct', {
          dependencies: { deep: '2' },
          optionalDependencies: { absent: '1' },
        }),
        'index.js': '',
        'index.d.ts': '',
        'index.js.map': '',
        node_modules: { deep: { 'package.json': manifest('deep', { version: '2.0.0' }), 'index.js': 'two' } },
      },
      deep: { 'package.json': manifest('deep'), 'index.js': 'one' },
      '@scope': { inner: { 'package.json': manifest('@scope/inner', { peerDependencies: { deep: '1' } }) } },
      'never-imported': { 'package.json': manifest('never-imported') },
    },
  })
}

t.test('the sources and packages of an entry, and no others', async (t) => {
  const { files, packages } = closureOfSources(project(t), ['services/main.ts'])
  t.strictSame([...files].sort(), ['services/main.ts', 'services/own/a.ts', 'services/own/b.ts'])
  t.strictSame([...packages].sort(), ['@scope/inner', 'direct'])
  t.throws(
    () => closureOfSources(project(t), ['services/nowhere.ts']),
    /nowhere\.ts is imported and not there/,
  )
})

t.test('packages as Node finds them: beside, or above', async (t) => {
  const folders = closureOfPackages(project(t), ['direct', '@scope/inner'])
  t.strictSame([...folders].sort(), [
    'node_modules/@scope/inner',
    'node_modules/deep',
    'node_modules/direct',
    'node_modules/direct/node_modules/deep',
  ])
  t.throws(
    () => closureOfPackages(project(t), ['absent']),
    /absent is needed by the sources and not installed/,
  )
})

t.test('they are copied without what does not run', async (t) => {
  const root = project(t)
  const to = join(root, 'out')
  t.strictSame(copyModules(root, to, ['services/main.ts']), [
    '@scope/inner@1.0.0',
    'deep@1.0.0',
    'deep@2.0.0',
    'direct@1.0.0',
  ])
  t.ok(existsSync(join(to, 'node_modules/direct/index.js')))
  for (const name of ['direct/index.d.ts', 'direct/index.js.map', 'never-imported'])
    t.notOk(existsSync(join(to, 'node_modules', name)), name)
})

t.test('libraries of other machines are left out', async (t) => {
  const bin = 'node_modules/onnxruntime-node/bin/napi-v6'
  const linux = { platform: 'linux', arch: 'x64' }
  t.ok(isRun(`${bin}/linux/x64/libonnxruntime.so`, linux))
  t.notOk(isRun(`${bin}/linux/arm64/libonnxruntime.so`, linux))
  t.notOk(isRun(`${bin}/darwin/arm64/libonnxruntime.dylib`, linux))
  t.ok(isRun('node_modules/x/index.js', linux))
})
