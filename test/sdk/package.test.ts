import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { SERVICES } from '#subjects/operations.ts'
import { listFiles } from '../../deploy/local/sdk/compile-sdk.ts'
import { relativeSpecifiersIn, workerFilesIn } from '../../deploy/local/sdk/portable-specifiers.ts'
import { openBus } from '../support/bus.ts'
import { withServers } from '../support/servers.ts'
import { endOfTask, startService } from '../support/services.ts'
import { ROOT } from '../support/source-files.ts'
import { until } from '../support/until.ts'
import { compile, openProject, TEMPLATE, writeInto } from './package-fixture.ts'

t.setTimeout(170_000)
const { folder, kit } = await openProject(t)
const dist = join(kit, 'dist')
const emitted = [...listFiles(dist, '.js'), ...listFiles(dist, '.d.ts')].map((file) => ({
  file,
  text: readFileSync(join(dist, file), 'utf8'),
}))

/** Of the language and its library, what Node 20 does not have. */
const TOO_NEW =
  /\b(?:URL\.parse|Promise\.(?:withResolvers|try)|Array\.fromAsync|Object\.groupBy|Map\.groupBy|RegExp\.escape)\(|\.(?:values|keys|entries)\(\)\.(?:map|filter|some|every|find|toArray|take|drop|flatMap|reduce)\(|\bimport\.meta\.(?:dirname|filename|main)\b|\b(?:await )?using \w+ =/

t.test('the package is whole, and tells nothing of the machine that built it', async (t) => {
  t.ok(emitted.length > 50, 'files were emitted')
  for (const { file, text } of emitted) {
    const code = text.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
    t.notMatch(
      code,
      /(?:from|import)\s*\(?\s*['"](?:#|[^'"]*\.ts['"])/,
      `${file}: no specifier of the repository`,
    )
    t.notOk(text.includes(ROOT), `${file}: no path of this machine`)
    t.notMatch(code, TOO_NEW, `${file}: nothing that Node 20 lacks`)
    const end = file.endsWith('.d.ts') ? '.d.ts' : '.js'
    for (const way of [...relativeSpecifiersIn(code), ...(end === '.js' ? workerFilesIn(code) : [])])
      t.ok(existsSync(join(dist, dirname(file), way.replace(/\.js$/, end))), `${file}: ${way} is there`)
  }
  t.strictSame(listFiles(kit, '.map'), [])
  t.notOk(emitted.some(({ file }) => file.startsWith('services/orchestrator') || file.includes('redis/')))
})

t.test('its package.json names what it imports, in the ranges of the repository', async (t) => {
  const manifest = JSON.parse(readFileSync(join(kit, 'package.json'), 'utf8'))
  const root = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  t.match(manifest, { private: true, type: 'module', version: root.version, license: root.license })
  t.strictSame(manifest.peerDependencies.zod, root.dependencies.zod, 'the author shares zod')
  const { '@types/node': _types, ...needed } = manifest.dependencies
  for (const [name, range] of Object.entries(needed)) t.equal(range, root.dependencies[name], name)
  t.strictSame(Object.keys(needed).sort(), [
    '@marcbachmann/cel-js',
    '@nats-io/jetstream',
    '@nats-io/obj',
    '@nats-io/transport-node',
    'croner',
    'pino',
    'prom-client',
  ])
  t.match(readFileSync(join(kit, 'README.md'), 'utf8'), /on no registry/)
})

t.test(
  'a project of its own compiles against it, however it resolves and however strict it is',
  async (t) => {
    writeInto(folder, 'src/readme.ts', exampleOf('README.md'))
    writeInto(folder, 'src/testing-plans.test.ts', exampleOf('docs/testing-plans.md'))
    const { compilerOptions } = JSON.parse(readFileSync(join(TEMPLATE, 'tsconfig.json'), 'utf8')) as {
      compilerOptions: object
    }
    const bundled = { module: 'esnext', moduleResolution: 'bundler', types: [], lib: ['es2022'] }
    t.equal(compile(folder, bundled), '', 'for a bundler, without any types of its own')
    t.equal(compile(folder, compilerOptions), '', 'with the settings that murmur init gives')
  },
)

t.test('the tests that murmur init gives pass', async (t) => {
  const { status, stdout } = spawnSync(process.execPath, ['--test', 'dist/word-count.test.js'], {
    cwd: folder,
    encoding: 'utf8',
  })
  t.equal(status, 0, stdout)
  t.match(stdout, /pass 4/)
})

t.test('the test that docs/testing-plans.md shows passes', async (t) => {
  const { status, stdout } = spawnSync(process.execPath, ['--test', 'dist/testing-plans.test.js'], {
    cwd: folder,
    encoding: 'utf8',
  })
  t.equal(status, 0, stdout)
  t.match(stdout, /pass 1/)
})

t.test('an agent of a project of its own works, and follows a stack by its note', async (t) => {
  const servers = await withServers(t)
  await startService(t, servers, 'services/orchestrator/main.ts')
  writeInto(folder, '.murmur/stack-home', join(folder, 'home'))
  const { MURMUR_NATS_URL: _nats, MURMUR_HOME: _home, ...env } = process.env
  const agent = spawn(process.execPath, ['dist/main.js'], {
    cwd: folder,
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  t.teardown(() => agent.kill())
  let log = ''
  const said = (pattern: RegExp) => until(`${pattern} in the log`, () => pattern.test(log), 30_000)
  agent.stderr.on('data', (part: Buffer) => {
    log += part.toString()
  })
  await said(/waiting for the stack of this machine/)
  writeInto(folder, 'home/run/stack.json', JSON.stringify({ agentUrl: servers.natsUrlOf('own-agents') }))
  await said(/"message":"ready"/)
  const bus = await openBus(t, servers.natsUrl)
  const plan = JSON.parse(readFileSync(join(TEMPLATE, 'plan.json'), 'utf8')) as object
  const { taskId } = (await bus.request(SERVICES.submitTask, plan, { timeoutMs: 10_000 })) as {
    taskId: string
  }
  t.match(await endOfTask(bus, taskId), { status: 'completed', output: { words: 6 } })
  const ended = new Promise((resolve) => agent.on('exit', resolve))
  agent.kill('SIGTERM')
  t.equal(await ended, 0, 'it stops in order')
})

/** The one example in TypeScript of a page. */
function exampleOf(page: string): string {
  const text = readFileSync(join(ROOT, page), 'utf8')
  const examples = [...text.matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1]!)
  t.equal(examples.length, 1, `${page} has one example in TypeScript`)
  return examples[0]!
}
