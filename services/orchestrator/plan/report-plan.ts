import type { JsonValue } from '#schemas/json.ts'
import { minutesMs } from '#schemas/limits.ts'
import type { Plan, Step } from '#schemas/plan.ts'
import { type ReportRequest, reportRequestSchema } from '#schemas/report.ts'
import type { TaskTypeSpec } from './task-type.ts'

/**
 * A report: every source is read at the same time, then analysed together, then written up. A source that can't be read
 * does not stop the report.
 */
export const reportTaskType: TaskTypeSpec<ReportRequest> = {
  name: 'report',
  input: reportRequestSchema,
  plan: planReport,
}

function planReport(request: ReportRequest): Plan {
  const reads = request.sources.map(
    (_, i): Step => ({
      id: `ingest-${i + 1}`,
      agent: 'ingest',
      input: { $from: `input.sources.${i}` },
      timeoutMs: minutesMs(3),
      onFailure: 'continue',
    }),
  )
  const ids = reads.map((step) => step.id)
  const documents: JsonValue = ids.map((id, i) => ({
    name: request.sources[i]!.name,
    document: { $from: `steps.${id}.output` },
    error: { $from: `steps.${id}.error` },
  }))
  return {
    steps: [
      ...reads,
      { id: 'analysis', agent: 'analysis', needs: ids, input: { documents }, timeoutMs: minutesMs(5) },
      {
        id: 'synthesis',
        agent: 'synthesis',
        needs: ['analysis'],
        input: {
          ...(request.title !== undefined && { title: request.title }),
          analysis: { $from: 'steps.analysis.output' },
        },
        timeoutMs: minutesMs(2),
      },
    ],
    output: { $from: 'steps.synthesis.output' },
  }
}
