import t from 'tap'
import { serviceEnvironment, serviceNodeOptions } from '../../../deploy/local/stack/service-spec.ts'
import { parseDockerfile, stagesOf } from '../../support/dockerfile.ts'
import { DOCKERFILE } from '../../support/image-tree.ts'

// That the trees start is tested by image-trees.long.test.ts.
const TARGETS = ['orchestrator', 'edge', 'report-agents', 'api-caller', 'video', 'video-gpu']

t.test('each image says who runs it, how it is asked, how it is stopped', async (t) => {
  for (const target of TARGETS) {
    const lines = stagesOf(parseDockerfile(DOCKERFILE), target).flatMap((stage) => stage.lines)
    const last = (name: string) => lines.filter((line) => line.name === name).at(-1)?.rest
    t.match(last('USER'), /^[1-9]\d+:[1-9]\d+$/, `${target}: a numeric user that is not root`)
    t.match(last('HEALTHCHECK'), /CMD \["node", "\/app\/deploy\/images\/healthcheck\.mjs"\]$/, target)
    t.equal(last('STOPSIGNAL'), 'SIGTERM', target)
    t.equal(last('VOLUME'), '["/tmp"]', target)
    t.notMatch(last('CMD'), /npm|install|sh\b/, `${target}: nothing is built at the start`)
  }
})

t.test('a container runs Node as local mode does', async (t) => {
  for (const target of TARGETS) {
    const lines = stagesOf(parseDockerfile(DOCKERFILE), target).flatMap((stage) => stage.lines)
    const command = JSON.parse(lines.filter(({ name }) => name === 'CMD').at(-1)?.rest ?? '[]') as string[]
    const main = command.at(-1) ?? ''
    t.strictSame(command.slice(0, -1), serviceNodeOptions(main), target)
    if (target !== 'report-agents') continue
    const environment = serviceEnvironment('services/agents/report-agents.ts')
    const env = lines
      .filter(({ name }) => name === 'ENV')
      .map(({ rest }) => rest)
      .join(' ')
    for (const [name, value] of Object.entries(environment)) t.match(env, `${name}=${value}`)
  }
})
