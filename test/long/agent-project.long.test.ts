import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, symlinkSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import t from 'tap'
import { binaryCache } from '../../deploy/local/project-paths.ts'
import { openIsolatedCliFixture } from '../cli/isolated-cli-fixture.ts'
import { startMurmur } from '../cli/run-murmur.ts'
import { until } from '../support/until.ts'

t.setTimeout(900_000)

/** The versions of Node that the kit is for. */
const NODES = ['20', '22', '24']
const PATIENCE_MS = 60_000

const desk = openIsolatedCliFixture(t)
const project = join(desk.folder, 'my-agent')
const tools = join(desk.folder, 'nodes')
symlinkSync(binaryCache(process.env), join(desk.home, 'bin'))

t.test('a project that init made works as it stands, on every Node, with a stack that moves', async (t) => {
  const made = await desk.murmur(['init', 'my-agent'])
  t.equal(made.code, 0, made.err)
  run(process.execPath, ['npm', 'install', '--no-audit', '--no-fund'], project)
  let stack = await startStack()
  t.teardown(() => stack.child.kill())
  for (const version of NODES) {
    const node = nodeOf(version)
    if (!node) {
      t.comment(`skipped Node ${version}: the registry has none for this machine`)
      continue
    }
    await t.test(`Node ${version}`, async (t) => {
      t.match(run(node, ['npm', 'test'], project), /pass 4/, 'its tests pass')
      const { env } = desk
      const { MURMUR_HOME: _home, ...bare } = withNode(node, env)
      const agent = spawn('npm', ['start'], { cwd: project, env: bare, stdio: 'inherit', detached: true })
      t.teardown(() => endGroup(agent))
      t.match(await counted(), { words: 6 }, 'it works for the stack, whose address nobody told it')

      stack.child.kill('SIGINT')
      t.equal(await stack.ended, 0)
      const before = existsSync(join(desk.home, 'run/stack.json'))
      t.notOk(before, 'the stack is gone')
      stack = await startStack()
      t.match(await counted(), { words: 6 }, 'it has followed the stack to its new address')
    })
  }
  stack.child.kill('SIGINT')
  await stack.ended
})

async function startStack() {
  const stack = startMurmur(['dev'], { cwd: desk.folder, env: desk.env })
  await until('the stack is up', () => /stops everything/.test(stack.err()), PATIENCE_MS)
  return stack
}

/** The output of the plan that the project has. */
async function counted(): Promise<unknown> {
  const plan = join(project, 'plan.json')
  let output: unknown
  // Until the agent has registered for the first time, it is not known.
  await until(
    'the agent has counted',
    async () => {
      const { code, out } = await desk.murmur(['submit', plan, '--wait', '--json'])
      output = code === 0 ? (JSON.parse(out) as { output: unknown }).output : undefined
      return code === 0
    },
    PATIENCE_MS,
  )
  return output
}

/** A Node of that version from the registry; undefined where there is none. */
function nodeOf(version: string): string | undefined {
  if (version === '24') return process.execPath
  const name = `node-${process.platform}-${process.arch}`
  const folder = join(tools, version)
  mkdirSync(folder, { recursive: true })
  try {
    run(
      process.execPath,
      ['npm', 'install', '--no-save', '--no-audit', '--prefix', folder, `${name}@${version}`],
      folder,
    )
  } catch (error) {
    t.comment(String((error as { stderr?: unknown }).stderr))
    return undefined
  }
  return join(folder, 'node_modules', name, 'bin', 'node')
}

/** Runs a program with a Node in front of all others. */
function run(node: string, [program, ...args]: readonly [string, ...string[]], cwd: string): string {
  return execFileSync(program, args, { cwd, env: withNode(node, process.env), encoding: 'utf8' })
}

function withNode(node: string, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...env, PATH: `${dirname(node)}${delimiter}${env.PATH}` }
}

function endGroup(child: ChildProcess): void {
  try {
    process.kill(-child.pid!, 'SIGTERM')
  } catch {
    // It has ended by itself.
  }
}
