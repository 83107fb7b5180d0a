import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { SERVICES } from '#subjects/operations.ts'
import { AGENT_MAINS, BUNDLED_MAINS } from '../../../../deploy/local/builds/bundled-mains.ts'
import { findBundledServices } from '../../../../deploy/local/builds/bundled-services.ts'
import { projectRoot } from '../../../../deploy/local/project-paths.ts'
import { BUILT_IN_AGENTS, startLocalStack } from '../../../../deploy/local/stack.ts'
import { openBus } from '../../../support/bus.ts'
import { endOfTask } from '../../../support/services.ts'

t.setTimeout(180_000)

t.test('bundled services do what those of the sources do', async (t) => {
  const before = await findBundledServices()
  await before.buildForNextTime()
  const bundles = await findBundledServices()
  for (const main of BUNDLED_MAINS) {
    const program = bundles.programOf(join(projectRoot, main))
    t.match(program, /\.mjs$/, main)
    t.ok(existsSync(program))
  }
  t.equal(
    bundles.programOf('/elsewhere/agent.ts'),
    '/elsewhere/agent.ts',
    "a user's own agent stays as it is",
  )

  const home = mkdtempSync(join(tmpdir(), 'murmur-bundled-'))
  t.teardown(() => rmSync(home, { recursive: true, force: true }))
  const stack = await startLocalStack({
    home,
    bundled: true,
    env: { ...process.env, MURMUR_LOG_LEVEL: 'error' },
  })
  t.teardown(() => stack.stop())
  t.equal(stack.services.length, BUILT_IN_AGENTS.length + 2)
  t.equal(BUILT_IN_AGENTS.length, AGENT_MAINS.length)
  const bus = await openBus(t, stack.natsUrl)
  const page = '<html><body><h1>Temperatures</h1><p>The last ten years were the warmest.</p></body></html>'
  const table = `year,value\n${Array.from({ length: 30 }, (_, i) => `${1990 + i},${(i * 7) % 11}`).join('\n')}`
  const submission = {
    type: 'report',
    // A page is parsed in a thread: it is found beside the sources.
    input: {
      title: 'Bundled',
      sources: [
        { name: 'page.html', text: page },
        { name: 'table.csv', text: table },
      ],
    },
  }
  const receipt = await bus.request(SERVICES.submitTask, submission, { timeoutMs: 10_000 })
  const ended = await endOfTask(bus, (receipt as { taskId: string }).taskId, 90_000)
  t.match(ended, { status: 'completed' })
})
