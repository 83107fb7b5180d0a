import t from 'tap'
import { committedRules, missing } from '../../support/prometheus.ts'
import { batchesOf, IDLE, ruleTest } from './alert-case.ts'
import { LOG_CASES } from './cases/log-cases.ts'
import { PROCESS_CASES } from './cases/process-cases.ts'
import { SERVER_CASES } from './cases/server-cases.ts'
import { VIDEO_CASES } from './cases/video-cases.ts'
import { WORK_CASES } from './cases/work-cases.ts'
import { failuresOf } from './promtool.ts'

const CASES = [...WORK_CASES, ...LOG_CASES, ...PROCESS_CASES, ...SERVER_CASES, ...VIDEO_CASES]
const skip = missing('promtool')

t.test(
  'each alert is silent just below its threshold, rings above it and nothing else does, and ends',
  { skip },
  async (t) => {
    t.equal(await failuresOf(batchesOf(CASES).map(ruleTest), '1m'), undefined)
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
    t.equal(await failuresOf([idle], '5m'), undefined)
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
  t.equal(await failuresOf([nothing], '1m'), undefined)
})

t.test('an alert says what, how much, in which unit, and where to read on', { skip }, async (t) => {
  const rows: {
    alert: string
    series: Record<string, number>
    labels: Record<string, string>
    says: [string, string]
  }[] = [
    {
      alert: 'StepsWaitLong',
      series: {
        'murmur_queue_oldest_age_seconds{agent="ingest",priority="1"}': 754,
        'murmur_agent_instances{agent="ingest"}': 1,
      },
      labels: { agent: 'ingest', priority: '1', severity: 'warning' },
      says: ['Steps of priority 1 wait long for ingest', 'The oldest has waited for 12m 34s.'],
    },
    {
      alert: 'StreamNearMark',
      series: {
        'murmur_stream_fill_ratio{stream="log"}': 0.8075,
        'murmur_stream_mark_ratio{stream="log"}': 0.85,
      },
      labels: { stream: 'log', severity: 'warning' },
      says: [
        'log is nearly as full as it may be',
        '95% of what it may be filled to: at 100 % new tasks are refused.',
      ],
    },
    {
      alert: 'RedisMemoryHigh',
      series: { 'redis_memory_used_bytes{}': 9, 'redis_memory_max_bytes{}': 10 },
      labels: { severity: 'warning' },
      says: ['Redis is nearly full', '90% of maxmemory are used.'],
    },
  ]
  const tests = rows.map(({ alert, series, labels, says: [summary, description] }) => ({
    interval: '1m',
    external_labels: { runbooks: 'https://example.com/runbooks' },
    input_series: Object.entries(series).map(([name, value]) => ({ series: name, values: `${value}x15` })),
    alert_rule_test: [
      {
        eval_time: '10m',
        alertname: alert,
        exp_alerts: [
          {
            exp_labels: labels,
            exp_annotations: {
              summary,
              description,
              runbook_url: `https://example.com/runbooks/${alert}.md`,
            },
          },
        ],
      },
    ],
  }))
  t.equal(await failuresOf(tests, '1m'), undefined)
})
