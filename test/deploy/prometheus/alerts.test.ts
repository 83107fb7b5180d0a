import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { stringify } from 'yaml'
import { committedRules, missing, runProgram } from '../../support/prometheus.ts'
import { batchesOf, IDLE, ruleTest } from './alert-case.ts'
import { LOG_CASES } from './cases/log-cases.ts'
import { PROCESS_CASES } from './cases/process-cases.ts'
import { SERVER_CASES } from './cases/server-cases.ts'
import { VIDEO_CASES } from './cases/video-cases.ts'
import { WORK_CASES } from './cases/work-cases.ts'

const RULES = join(import.meta.dirname, '../../../deploy/prometheus/rules')
const CASES = [...WORK_CASES, ...LOG_CASES, ...PROCESS_CASES, ...SERVER_CASES, ...VIDEO_CASES]
const skip = missing('promtool')
const folder = mkdtempSync(join(tmpdir(), 'murmur-rules-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))

/** Runs unit tests of rules. @returns what promtool says of those that fail */
async function failuresOf(name: string, tests: object[], evaluation = '1m'): Promise<string | undefined> {
  const file = join(folder, `${name}.yaml`)
  const rule_files = [...committedRules().keys()].map((rules) => join(RULES, rules))
  writeFileSync(file, stringify({ rule_files, evaluation_interval: evaluation, tests }))
  const { code, output } = await runProgram('promtool', ['test', 'rules', file])
  return code === 0 ? undefined : output
}

t.test(
  'each alert is silent just below its threshold, rings above it and nothing else does, and ends',
  { skip },
  async (t) => {
    t.equal(await failuresOf('alerts', batchesOf(CASES).map(ruleTest)), undefined)
  },
)

t.test('each alert has a case', async (t) => {
  const levels = [
    'ErrorBudgetBurnsFast',
    'ErrorBudgetBurns',
    'ErrorBudgetLeaks',
    'ErrorBudgetSpent',
    'Watchdog',
  ]
  const tested = new Set([...CASES.map(({ alert }) => alert), ...levels])
  const named = [...committedRules().values()].flatMap(({ groups }) =>
    groups.flatMap(({ rules }) => rules.flatMap(({ alert }) => alert ?? [])),
  )
  t.same(
    named.filter((alert) => !tested.has(alert)),
    [],
  )
  t.same(
    [...tested].filter((alert) => !named.includes(alert)),
    [],
  )
})

t.test(
  'nothing but the watchdog rings in a system that is well and idle for half a day',
  { skip },
  async (t) => {
    const idle = {
      interval: '5m',
      input_series: Object.entries(IDLE).map(([series, value]) => ({ series, values: `${value}x150` })),
      promql_expr_test: [60, 300, 720].map((minute) => ({
        expr: 'ALERTS',
        eval_time: `${minute}m`,
        exp_samples: [
          { labels: 'ALERTS{alertname="Watchdog",alertstate="firing",severity="none"}', value: 1 },
        ],
      })),
    }
    t.equal(await failuresOf('idle', [idle], '5m'), undefined)
  },
)

t.test('without any data that is what rings', { skip }, async (t) => {
  const missingMetric = (metric: string) => ({
    labels: `ALERTS{alertname="TelemetryMissing",alertstate="firing",metric="${metric}",severity="critical"}`,
    value: 1,
  })
  const nothing = {
    interval: '1m',
    input_series: [{ series: 'unrelated', values: '1x20' }],
    promql_expr_test: [
      {
        expr: 'ALERTS',
        eval_time: '15m',
        exp_samples: [
          { labels: 'ALERTS{alertname="Watchdog",alertstate="firing",severity="none"}', value: 1 },
          ...['murmur_build_info', 'murmur_intake_depth', 'murmur_partitions_owned'].map(missingMetric),
        ],
      },
    ],
  }
  t.equal(await failuresOf('nothing', [nothing]), undefined)
})
