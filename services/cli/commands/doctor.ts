import type { Command } from 'commander'
import type { Check } from '../../../deploy/local/doctor.ts'
import type { CliContext, Run } from '../cli-context.ts'
import { CliError } from '../cli-error.ts'
import { judgeRoom } from '../doctor/judge-room.ts'
import { judgeSites } from '../doctor/judge-sites.ts'
import { judgeVideo } from '../doctor/judge-video.ts'
import { EXIT } from '../exit-codes.ts'
import { faultOf } from '../fault.ts'
import type { Paint } from '../output/paint.ts'
import { count } from '../output/quantities.ts'
import { renderTable } from '../output/table.ts'
import { waitingFor } from '../output/waiting.ts'
import { openTarget } from '../session/session.ts'

interface DoctorOptions {
  cluster?: string
  redis?: string
}

const MARKS: Record<Check['status'], { text: string; style: keyof Paint }> = {
  ok: { text: '✓', style: 'green' },
  warn: { text: '!', style: 'yellow' },
  fail: { text: '✗', style: 'red' },
}

export function addDoctor(program: Command, run: Run): void {
  program
    .command('doctor')
    .description('check this machine and the stack, or a deployment; changes nothing')
    .option('--cluster <url>', 'check the deployment on this NATS instead, as an operator')
    .option('--redis <url>', 'with --cluster: look at its Redis too')
    .action(({ cluster, redis }: DoctorOptions) =>
      run((context) => (cluster === undefined ? doctor(context, redis) : doctorOf(context, cluster, redis))),
    )
}

/** A deployment, from what it says of itself over NATS. */
async function doctorOf(context: CliContext, natsUrl: string, redisUrl: string | undefined) {
  const { checkCluster } = await import('../doctor/check-cluster.ts')
  const work = checkCluster({ natsUrl, redisUrl, env: context.env })
  return report(await waitingFor('checking', work, context), context)
}

async function doctor(context: CliContext, redisUrl: string | undefined) {
  const { env } = context
  if (redisUrl !== undefined)
    throw new CliError('USAGE', '--redis is for a deployment', {
      fix: 'Name its NATS as well: --cluster URL.',
    })
  const { runDoctor } = await import('../../../deploy/local/doctor.ts')
  const { checkModels } = await import('../doctor/check-models.ts')
  const work = Promise.all([runDoctor(env), checkModels(context), checkServices(context)])
  const [machine, model, services] = await waitingFor('checking', work, context)
  return report([...machine, model, ...services], context)
}

function report(checks: readonly Check[], { terminal, json }: CliContext) {
  if (json) terminal.printJson({ checks })
  else terminal.print(...renderChecks(checks, terminal.outPaint))
  return checks.some(({ status }) => status === 'fail') ? EXIT.failed : EXIT.ok
}

/** Whether somebody answers where commands go. Where they would go nowhere, there is nothing to check. */
async function checkServices(context: CliContext): Promise<Check[]> {
  const name = 'services'
  try {
    const session = await openTarget(context)
    if (!session) return []
    try {
      const [agents, models, more] = await Promise.all([
        session.client.agents(),
        session.client.video.models(),
        // Told by an edge; where none runs, agents are all that is known.
        session.client.status().then(
          ({ storage, sites = [], detectors, cameras }) => [
            ...(storage ? [judgeRoom(storage)] : []),
            ...judgeSites(sites, context.clock.nowMs()),
            ...judgeVideo({ detectors, cameras }, context.clock.nowMs()),
          ],
          (): Check[] => [],
        ),
      ])
      if (models) more.push((await import('../doctor/check-models.ts')).judgeOffers(models))
      const ready = agents.filter(({ status }) => status === 'ready')
      const evidence = `an orchestrator answers; ready: ${ready.map(({ type }) => type).join(', ') || 'no agent'}`
      if (ready.length > 0) return [{ name, status: 'ok', evidence }, ...more]
      return [
        { name, status: 'warn', evidence, fix: 'Start agents: steps wait until there is one of their type.' },
        ...more,
      ]
    } finally {
      await session.close()
    }
  } catch (error) {
    const { message } = faultOf(error)
    const fix =
      'Start an orchestrator (npx murmur dev), or correct --edge, --nats, MURMUR_EDGE_URL or MURMUR_NATS_URL.'
    return [{ name, status: 'fail', evidence: message, fix }]
  }
}

/** One line a check, what to do about it below, and the sum at the end. */
export function renderChecks(checks: readonly Check[], paint: Paint): string[] {
  const lines = renderTable(
    [{ title: '' }, { title: 'check' }, { title: 'seen' }],
    checks.map(({ name, status, evidence }) => [
      MARKS[status],
      { text: name, style: 'bold' },
      { text: evidence },
    ]),
    { paint, header: false },
  )
  const withFixes = checks.flatMap(({ status, fix }, i) => {
    const fixes = status === 'ok' || fix === undefined ? [] : fix.split('\n')
    return [lines[i]!, ...fixes.map((line, n) => `      ${n === 0 ? '→' : ' '} ${line.trim()}`)]
  })
  return [...withFixes, '', verdict(checks, paint)]
}

function verdict(checks: readonly Check[], paint: Paint): string {
  const failed = checks.filter(({ status }) => status === 'fail').length
  const warned = checks.filter(({ status }) => status === 'warn').length
  if (failed > 0) return paint.red(`${count(failed, 'check')} failed.`)
  return warned > 0 ? paint.yellow(`Works, with ${count(warned, 'warning')}.`) : paint.green('All is well.')
}
