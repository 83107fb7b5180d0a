import { useQuery } from '@tanstack/react-query'
import type { BlobRef } from '#schemas/blob.ts'
import type { Report, ReportSource } from '#schemas/report.ts'
import type { TaskState } from '#schemas/task.ts'
import { api, ask } from '../../data/api.ts'
import { fetchText } from '../../data/fetch-text.ts'
import { ProblemError } from '../../data/problem.ts'

export interface ReportResult {
  readonly report: Report
  /** The report as a page. */
  readonly html: BlobRef
  readonly json: BlobRef
}

/** The task, until it has ended. */
export function useReportTask(id: string) {
  return useQuery({
    queryKey: ['report-task', id],
    queryFn: async ({ signal }) =>
      (await ask(api.GET('/v1/tasks/{id}', { params: { path: { id } }, signal })))
        .task as unknown as TaskState,
    refetchInterval: ({ state }) => (state.data?.finishedAtMs === undefined ? 1000 : false),
  })
}

export function useReport(id: string, isReady: boolean) {
  return useQuery({
    queryKey: ['report', id],
    enabled: isReady,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }) =>
      (await ask(
        api.GET('/v1/tasks/{id}/result', { params: { path: { id } }, signal }),
      )) as unknown as ReportResult,
  })
}

/** Larger files are not drawn in a page. Bytes. */
const MAX_SHOWN = 8 * 1024 * 1024
/** What is text, as far as its media type says. */
const TEXT = /^text\/|json|csv|xml|markdown/

/** The text of a source. */
export function useSource(source: ReportSource | undefined) {
  return useQuery({
    queryKey: ['report-source', source?.blob?.blob ?? source?.text],
    enabled: source !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }) => {
      const { text, blob, name } = source!
      if (text !== undefined) return text
      if (blob!.size > MAX_SHOWN) throw unshown(`${name} is too large to be shown here`)
      if (!TEXT.test(blob!.contentType) && !/\.(csv|tsv|txt|md|json|ndjson|jsonl)$/i.test(name))
        throw unshown(`${name} is no text: its rows can be seen in the program that it was made with`)
      return fetchText(objectPath(blob!.blob), signal)
    },
  })
}

function unshown(message: string): ProblemError {
  return new ProblemError({ code: 'NOT_SHOWN', message, fix: 'Download the file to see the rows in it.' })
}

/** Where an object is fetched: its key has only characters that a path may have. */
export function objectPath(key: string): string {
  return `/v1/objects/${key}`
}
