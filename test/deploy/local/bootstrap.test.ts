import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { compileCache, projectRoot } from '../../../deploy/local/project-paths.ts'

const folder = join(projectRoot, 'deploy', 'local')

/** Runs code that may import the bootstrap's modules by name, in a process of its own. */
function script(code: string, env: NodeJS.ProcessEnv = {}) {
  const at = (name: string) => JSON.stringify(join(folder, 'bootstrap', name))
  const whole = `import { execNode } from ${at('exec-node.mjs')}
    import { withSetupLock } from ${at('setup-lock.mjs')}
    import { isInstalled } from ${at('ensure-dependencies.mjs')}
    ${code}`
  return spawn(process.execPath, ['--input-type=module', '-e', whole], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  })
}

async function outputOf(child: ReturnType<typeof script>): Promise<string> {
  let output = ''
  child.stdout.on('data', (chunk) => {
    output += chunk
  })
  await once(child, 'close')
  return output.trim()
}

t.test('an unknown command names the known ones', async (t) => {
  const { status, stderr } = spawnSync(process.execPath, [join(folder, 'bootstrap.mjs'), 'nonsense'], {
    encoding: 'utf8',
  })
  t.equal(status, 1)
  t.match(stderr, /"nonsense".*start, murmur, test, check, bench/)
})

t.test('the command ends the bootstrap with its own exit code', async (t) => {
  const child = script(`await execNode(process.execPath, ['-e', 'process.exit(7)'], '/')`)
  const [code] = await once(child, 'exit')
  t.equal(code, 7)
})

t.test('signals reach the command', async (t) => {
  const command = `process.on('SIGTERM', () => process.exit(5)); console.log('up'); setInterval(() => {}, 1000)`
  const child = script(`await execNode(process.execPath, ['-e', ${JSON.stringify(command)}], '/')`)
  await once(child.stdout, 'data')
  child.kill('SIGTERM')
  const [code] = await once(child, 'exit')
  t.equal(code, 5)
})

t.test('what is compiled is kept where services keep it, unless it is said where', async (t) => {
  const command = "console.log(process.env.NODE_COMPILE_CACHE ?? 'nowhere')"
  const run = `await execNode(process.execPath, ['-e', ${JSON.stringify(command)}], '/checkout')`
  const home = t.testdir()
  t.equal(
    await outputOf(script(run, { MURMUR_HOME: home, NODE_COMPILE_CACHE: undefined })),
    compileCache({ MURMUR_HOME: home }),
  )
  t.equal(await outputOf(script(run, { NODE_COMPILE_CACHE: home })), home)
})

t.test('a lock of a vanished process is taken over, a live one is waited for', async (t) => {
  const home = t.testdir({ 'setup.lock': String(2 ** 22 + 1) })
  const lock = join(home, 'setup.lock')
  const take = `console.log(await withSetupLock('/', () => console.log('waits'), async () => 'done'))`
  t.equal(await outputOf(script(take, { MURMUR_HOME: home })), 'done')
  t.notOk(existsSync(lock))

  const holder = spawn('sleep', ['60'])
  t.teardown(() => holder.kill())
  await once(holder, 'spawn')
  writeFileSync(lock, String(holder.pid))
  const waiting = script(take, { MURMUR_HOME: home })
  const output = outputOf(waiting)
  await once(waiting.stdout, 'data')
  holder.kill()
  t.equal(await output, 'waits\ndone')
})

t.test('installed means: every package of the lock file, in its version', async (t) => {
  const root = t.testdir({
    'package-lock.json': lockFile({
      '': {},
      'node_modules/a': { version: '1.0.0' },
      'node_modules/b': { optional: true },
    }),
    node_modules: { '.package-lock.json': lockFile({ 'node_modules/a': { version: '1.0.0' } }) },
  })
  const ask = () => outputOf(script(`console.log(isInstalled(${JSON.stringify(root)}))`))
  t.equal(await ask(), 'true')
  writeFileSync(join(root, 'package-lock.json'), lockFile({ 'node_modules/a': { version: '1.0.1' } }))
  t.equal(await ask(), 'false')
})

function lockFile(packages: object): string {
  return JSON.stringify({ packages })
}
