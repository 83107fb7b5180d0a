import t from 'tap'
import {
  checkCode,
  checkCycles,
  checkFences,
  checkLayers,
  checkLengths,
  checkMirror,
  checkNames,
  checkTargets,
  checkTopLevel,
  checkWords,
} from './support/architecture.ts'
import { MIN_MIRROR_SHARE } from './support/architecture-rules.ts'
import { codeOf, importsOf } from './support/scan-source.ts'
import { projectPaths, readSourceFiles, type SourceFile } from './support/source-files.ts'

const files = readSourceFiles()
const source = (path: string, text: string): SourceFile => ({ path, text })

t.test('the repository keeps its architecture', async (t) => {
  t.ok(files.length > 30, 'sources were found')
  t.strictSame(checkLayers(files), [], 'layers')
  t.strictSame(checkFences(files), [], 'library fences')
  t.strictSame(checkCode(files), [], 'code in its place')
  t.strictSame(checkCycles(files), [], 'no cycles')
  t.strictSame(checkTargets(files), [], 'imports lead somewhere')
  t.strictSame(checkNames(files), [], 'names')
  t.strictSame(checkWords(files), [], 'words')
  t.strictSame(checkLengths(files), [], 'lengths')
  t.strictSame(checkMirror(files, MIN_MIRROR_SHARE), [], 'tests mirror sources')
})

t.test('the top level is the one of the design', async (t) => {
  // What git ignores is nobody's business; what it does not know yet is.
  const entries = new Set(projectPaths().map((path) => path.split('/', 1)[0]!))
  t.strictSame(checkTopLevel([...entries]), [])
})

t.test('layers: what is forbidden is found', async (t) => {
  const bad: [path: string, text: string][] = [
    ['schemas/a.ts', "import { x } from '#subjects/subjects.ts'"],
    ['schemas/a.ts', "import { readFileSync } from 'node:fs'"],
    ['subjects/a.ts', "import { x } from '#platform/clock/clock.ts'"],
    ['services/platform/nats/a.ts', "import type { X } from '../../workflow/decide/decide.ts'"],
    ['services/platform/nats/a.ts', "import { x } from '#sdk/index.ts'"],
    ['services/orchestrator/a.ts', "const x = await import('../sdk/index.ts')"],
    ['services/agents/report/ingest/a.ts', "export { x } from '../analysis/b.ts'"],
    ['services/agents/report/ingest/a.ts', "import { x } from '../../video/pictures/b.ts'"],
    ['services/agents/report-agents.ts', "import { x } from './video/capture/b.ts'"],
    ['services/agents/report-agents.ts', "import { x } from './api-caller/b.ts'"],
    ['services/agents/video-agents.ts', "import { x } from './report/ingest/b.ts'"],
    ['services/agents/video/capture/a.ts', "import { x } from '../detection/b.ts'"],
    ['services/agents/video/frames/a.ts', "import { x } from '../capture/b.ts'"],
    ['services/sdk/a.ts', "import { x } from '../ingest/b.ts'"],
    ['services/edge/a.ts', "import '../orchestrator/a.ts'"],
    ['services/cli/a.ts', "import { x } from '../../test/support/a.ts'"],
    ['deploy/local/a.ts', "import { x } from '../../services/agents/report-agents.ts'"],
    ['examples/a.ts', "import { x } from '../services/orchestrator/a.ts'"],
    ['services/console/data/a.ts', "import { x } from '#platform/nats/bus.ts'"],
    ['services/edge/a.ts', "import { x } from '../console/data/b.ts'"],
    ['elsewhere/a.ts', ''],
  ]
  for (const [path, text] of bad) t.equal(checkLayers([source(path, text)]).length, 1, `${path}: ${text}`)

  const good: [path: string, text: string][] = [
    ['schemas/a.ts', "import { z } from 'zod'\nimport { b } from './b.ts'"],
    [
      'services/agents/report/ingest/a.ts',
      "import { x } from '#sdk/index.ts'\nimport { y } from './parse/y.ts'",
    ],
    ['services/agents/report-agents.ts', "import { x } from './report/ingest/a.ts'"],
    ['services/agents/video/detection/a.ts', "import { x } from '../frames/b.ts'"],
    ['services/agents/report/ingest/a.ts', "import { x } from '../structure/b.ts'"],
    ['services/cli/a.ts', "import { x } from '../../deploy/local/a.ts'"],
    ['services/console/screens/a.ts', "import { decide } from '#workflow/decide/decide.ts'"],
    ['services/orchestrator/a.ts', "// import { x } from '../sdk/index.ts'"],
    ['test/a.test.ts', "import { x } from '../loadtest/a.ts'"],
  ]
  for (const [path, text] of good) t.strictSame(checkLayers([source(path, text)]), [], `${path}: ${text}`)
})

t.test('fences: what is forbidden is found', async (t) => {
  const text = (specifier: string) => `import { x } from '${specifier}'`
  const bad: [path: string, specifier: string][] = [
    ['services/orchestrator/a.ts', '@nats-io/jetstream'],
    ['services/platform/lifecycle/a.ts', 'ioredis'],
    ['services/platform/nats/a.ts', 'prom-client'],
    ['services/sdk/a.ts', '@opentelemetry/api'],
    ['services/cli/a.ts', 'fastify'],
    ['services/agents/video/detection/b.ts', 'onnxruntime-node'],
    ['services/agents/report/synthesis/a.ts', 'sharp'],
    ['services/cli/onvif/ask-onvif.ts', 'onvif'],
    ['services/orchestrator/a.ts', 'bullmq'],
    ['services/workflow/decide/a.ts', '@marcbachmann/cel-js'],
    ['services/orchestrator/a.ts', 'pino/file'],
    ['services/edge/console/a.ts', 'vite'],
    ['services/cli/a.ts', 'react'],
  ]
  for (const [path, name] of bad)
    t.equal(checkFences([source(path, text(name))]).length, 1, `${name} in ${path}`)

  const good: [path: string, specifier: string][] = [
    ['services/platform/nats/a.ts', '@nats-io/jetstream'],
    ['loadtest/peers/a.ts', 'bullmq'],
    ['services/workflow/expressions/a.ts', '@marcbachmann/cel-js'],
    ['services/agents/report/ingest/image/a.ts', 'sharp'],
    ['services/cli/onvif/onvif-thread.ts', 'onvif'],
    ['services/orchestrator/a.ts', 'pino-like'],
  ]
  for (const [path, name] of good)
    t.strictSame(checkFences([source(path, text(name))]), [], `${name} in ${path}`)
})

t.test('code: what is forbidden is found, and only in code', async (t) => {
  const bad = [
    'const x = process.env.HOME',
    'const { env } = process',
    "const x = process['env']",
    'const t = Date.now()',
    'const t = new Date()',
    'const t = new Date',
    'const now = () => performance.now()',
    'const x = Math.random()',
    'await new Promise((resolve) => setTimeout(resolve, 250))',
    'await new Promise<void>((done) => { setTimeout(done, 250) })',
    'const wait = (ms: number) => new Promise((r) => setTimeout(r, ms))',
    'await new Promise((resolve) =>\n  setTimeout(resolve, 250),\n)',
    "import { setTimeout as sleep } from 'node:timers/promises'",
    "import { setInterval, setTimeout } from 'timers/promises'",
    "const { setTimeout: sleep } = await import('node:timers/promises')",
    'await scheduler.wait(5)',
  ]
  for (const text of bad) t.equal(checkCode([source('services/orchestrator/a.ts', text)]).length, 1, text)
  t.match(checkCode([source('schemas/a.ts', '\n\nDate.now()')])[0], /^schemas\/a\.ts:3: /, 'with its line')

  const good = [
    '// Date.now() is for the clock',
    "const text = 'process.env'",
    '/* new Date() */ const at = new Date(atMs)',
    'const at = new Date(\n  atMs,\n)',
    'const pattern = /Date.now()/',
    'const timer = setTimeout(resolve, 250)',
    'const timer = setTimeout(() => child.kill(), 250)',
    'await clock.sleep(250, signal)',
    "import { setImmediate } from 'node:timers/promises'",
  ]
  for (const text of good) t.strictSame(checkCode([source('services/orchestrator/a.ts', text)]), [], text)
  t.strictSame(checkCode([source('services/platform/clock/clock.ts', 'Date.now()')]), [])
})

t.test('mirror: the share of sources with a test of their own is counted', async (t) => {
  const logic = 'export const double = (x: number) => (x * 2)'
  const sources = [
    source('services/edge/a.ts', logic),
    source('services/edge/b.ts', 'export function b() {}'),
    source('schemas/c.ts', 'export class C {}'),
    source('deploy/local/d.ts', logic),
  ]
  const nothing = [
    source('services/edge/table.ts', '// => { function\nexport const TABLE = { a: 1 }'),
    source('services/edge/main.ts', logic),
    source('services/sdk/index.ts', logic),
    source('services/edge/grpc/generated/e.ts', logic),
    source('loadtest/f.ts', logic),
    source('services/console/use-x.ts', `import { useState } from 'react'\n${logic}`),
  ]
  const tests = [source('test/edge/a.test.ts', ''), source('test/schemas/c.property.test.ts', '')]
  t.strictSame(checkMirror([...sources, ...nothing, ...tests], 0.5), [])
  t.strictSame(checkMirror([...sources, ...nothing, ...tests], 0.6), [
    'tests of the same path: 2 of 4 sources with logic, fewer than 60 %; there is none of services/edge/b.ts, deploy/local/d.ts',
  ])
  t.strictSame(checkMirror([...sources, source('test/a.test.ts', '')], 0.1).length, 1)
  t.strictSame(checkMirror(nothing, 1), [], 'nothing to test is no fault')
})

t.test('cycles, missing targets, names, lengths and the top level: what is forbidden is found', async (t) => {
  const a = source('schemas/a.ts', "import './b.ts'")
  const b = source('schemas/b.ts', "import type { X } from '#schemas/c.ts'")
  const c = source('schemas/c.ts', "export * from './a.ts'")
  t.strictSame(checkCycles([a, b, c]), [
    'cycle of imports: schemas/a.ts → schemas/b.ts → schemas/c.ts → schemas/a.ts',
  ])
  t.strictSame(checkCycles([a, b]), [])
  t.equal(checkTargets([a]).length, 1)
  t.strictSame(checkTargets([a, b, c]), [])

  for (const name of [
    'Task.ts',
    'task_state.ts',
    'utils.ts',
    'task-helpers.ts',
    'common/task.ts',
    'types.ts',
  ]) {
    t.equal(checkNames([source(`schemas/${name}`, '')]).length, 1, name)
  }
  t.strictSame(checkNames([source('test/task-state.test.ts', ''), source('schemas/type.ts', '')]), [])

  t.same(
    checkWords([
      source('services/a/submission-fate.ts', 'const MOST_ROWS = 5'),
      source('services/a/b.ts', "// a MOST_ROWS in a comment, 'MOST_ROWS' in a string\nconst MAX_ROWS = 5"),
    ]).toSorted(),
    [
      'services/a/submission-fate.ts:0: "submission-fate" is our word; the field says outcome',
      'services/a/submission-fate.ts:1: "MOST_ROWS" is our word; the field says MAX_…',
    ],
  )
  t.equal(checkLengths([source('schemas/a.ts', 'x\n'.repeat(351))]).length, 1)
  t.strictSame(checkLengths([source('schemas/a.ts', 'x\n'.repeat(350))]), [])

  t.equal(checkTopLevel(['src', 'services', '.ci']).length, 1)
})

t.test('the scanner finds imports of every form and nothing else', async (t) => {
  const text = `
    import a from 'a'
    import type { B } from "b"
    import {
      c,
    } from 'c'
    import 'd'
    export * from 'e'
    export { f } from 'f'
    const g = await import('g')
    // import h from 'h'
    /* import i from 'i' */
    const text = "it's // no comment, import k from 'k'"
    const pattern = /['"]/
    import * as j from 'j'
  `
  t.strictSame(importsOf(text), ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'j'])
  t.equal(codeOf("a('b') // c\nd"), "a(' ')     \nd")
  t.equal(codeOf('a / b / c'), 'a / b / c', 'a division is no regular expression')
})
