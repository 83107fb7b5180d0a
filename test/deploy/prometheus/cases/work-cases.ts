import type { AlertCase } from '../alert-case.ts'

const INGEST = { agent: 'ingest' }
const results = (outcome: string) => `murmur_step_results_total{agent="ingest",outcome="${outcome}"}`

export const WORK_CASES: readonly AlertCase[] = [
  {
    alert: 'StepsWithoutInstance',
    labels: { agent: 'analysis' },
    gauges: {
      // Steps wait with somebody there, then with nobody, then somebody comes.
      'murmur_queue_depth{agent="analysis",priority="1"}': [3, 3],
      'murmur_agent_instances{agent="analysis"}': [1, 0],
    },
  },
  {
    alert: 'StepsWithoutInstance',
    labels: { agent: 'never-there' },
    // Nobody tells of instances that were never there.
    gauges: { 'murmur_queue_depth{agent="never-there",priority="own"}': [0, 1] },
  },
  {
    alert: 'StepsWaitLong',
    labels: { ...INGEST, priority: '1' },
    gauges: { 'murmur_queue_oldest_age_seconds{agent="ingest",priority="1"}': [300, 301] },
  },
  {
    alert: 'StepsWaitLong',
    labels: { ...INGEST, priority: '3' },
    gauges: { 'murmur_queue_oldest_age_seconds{agent="ingest",priority="3"}': [3600, 3601] },
  },
  {
    alert: 'AgentSaturated',
    labels: INGEST,
    gauges: {
      'murmur_queue_depth{agent="ingest",priority="1"}': [1, 1],
      'murmur_agent_in_flight{agent="ingest"}': [7, 8],
    },
  },
  {
    alert: 'AgentBreakerOpen',
    labels: INGEST,
    // Half open, then open at one of two orchestrators, with canaries in between.
    gauges: { 'murmur_breaker_state{agent="ingest"}': [1, (minute) => (minute % 2 === 0 ? 2 : 1)] },
  },
  {
    alert: 'AgentInstanceBroken',
    labels: INGEST,
    gauges: { 'murmur_breaker_open_instances{agent="ingest"}': [0, 1] },
  },
  {
    alert: 'AgentFails',
    labels: INGEST,
    counters: { [results('done')]: [10, 10], [results('fail')]: [10, 11], [results('retry')]: [0, 0] },
    minutes: 35,
  },
  {
    alert: 'AgentFails',
    labels: { agent: 'synthesis' },
    // All of them, but few: 15 in as many minutes are none, 30 are.
    counters: {
      'murmur_step_results_total{agent="synthesis",outcome="done"}': [0, 0],
      'murmur_step_results_total{agent="synthesis",outcome="timeout"}': [
        (minute) => (minute % 5 === 0 ? 5 : 0),
        2,
        0,
      ],
    },
    minutes: 35,
  },
  {
    alert: 'AgentHandlersStuck',
    labels: INGEST,
    gauges: { 'murmur_agent_stuck_handlers{agent="ingest"}': [0, 1] },
  },
  {
    alert: 'DeadLetters',
    labels: INGEST,
    counters: { 'murmur_dead_letters_total{agent="ingest"}': [0, (minute) => (minute === 15 ? 1 : 0)] },
  },
  {
    alert: 'AdmissionRefuses',
    labels: { reason: 'log' },
    counters: {
      'murmur_admission_refused_total{reason="log"}': [0, 5],
      // The tenant's own limit is no news.
      'murmur_admission_refused_total{reason="quota"}': [100, 100],
    },
  },
  { alert: 'IntakeWaits', gauges: { 'murmur_intake_depth{job="orchestrator"}': [100, 101] } },
  {
    alert: 'SchedulesMissed',
    counters: {
      'murmur_schedule_skipped_total{why="missed"}': [0, (minute) => (minute === 15 ? 1 : 0)],
      'murmur_schedule_skipped_total{why="overlap"}': [1, 1],
    },
    clears: 65,
  },
]
