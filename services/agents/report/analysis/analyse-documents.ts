import type { Analysis, TableStructure } from '#schemas/analysis.ts'
import type { Document } from '#schemas/document.ts'
import { prepareTable } from '../structure/prepared-table.ts'
import { withChartData } from './findings/chart-data.ts'
import { checkClaims } from './findings/claim-check.ts'
import { courseLosses } from './findings/column-courses.ts'
import { imageFindings, textFinding } from './findings/document-findings.ts'
import { listedRelations, relationLosses, testedRelations } from './findings/relation-findings.ts'
import { isSeasonal } from './findings/season-finding.ts'
import { type TableFindings, tableFindings } from './findings/table-findings.ts'
import { type ErrorBudget, errorBudget } from './inference/error-budget.ts'
import { anomalyInsights } from './insights/anomaly-insights.ts'
import { categoryInsights, distributionInsights, tableQualityInsights } from './insights/column-insights.ts'
import { constraintInsights } from './insights/constraint-insights.ts'
import { imageInsights, sourceInsights, textInsights } from './insights/document-insights.ts'
import { rankInsights } from './insights/insight-draft.ts'
import { missingByGroupInsights } from './insights/missing-by-group.ts'
import { relationInsights } from './insights/relation-insights.ts'
import { seasonalityInsights } from './insights/seasonality-insights.ts'
import { structureInsights } from './insights/structure-insights.ts'
import { trendInsights } from './insights/trend-insights.ts'

/** How far an analysis is. */
export interface AnalysisProgress {
  /** 0 to 1. */
  fraction: number
  note: string
}

/**
 * Analyses all documents. Pure; a generator, so that whoever drives it can report progress, let other work run and stop
 * between columns. The same documents always give the same analysis.
 */
export function* analyseDocuments(documents: readonly Document[]): Generator<AnalysisProgress, Analysis> {
  const tables = documents.flatMap(({ name, tables }) => (tables ?? []).map((table) => ({ name, table })))
  const found: TableFindings[] = []
  for (const [i, { name, table }] of tables.entries()) {
    const work = tableFindings(prepareTable(name, table))
    let step = work.next()
    for (; !step.done; step = work.next()) yield { fraction: (0.9 * i) / tables.length, note: table.name }
    found.push(step.value)
  }
  yield { fraction: 0.9, note: 'texts and images' }
  const texts = documents.flatMap((document) => textFinding(document) ?? [])
  const images = imageFindings(documents)
  const columns = found.flatMap((table) => table.columns)
  const trends = found.flatMap((table) =>
    [...table.trends.values(), ...table.jointTrends, ...table.entityTrends].map(({ trend }) => trend),
  )
  const checks = checkClaims(texts, columns, trends)
  const budget = errorBudget(found.flatMap(({ relations, tested }) => [testedRelations(relations), tested]))
  const analysis: Analysis = {
    v: 1,
    documents: documents.map(described),
    columns,
    tables: found.map(({ table, relations }) =>
      withLosses(table.structure, [...courseLosses(table), ...relationLosses(relations)]),
    ),
    constraints: found.flatMap(({ constraints }) => constraints),
    ...listedRelations(found.map(({ relations }) => relations)),
    seasonalities: found.flatMap(({ seasons }) =>
      seasons.filter(isSeasonal).map(({ seasonality }) => seasonality),
    ),
    anomalies: found.flatMap(({ anomalies }) => anomalies),
    trends,
    tests: budget.tests,
    insights: rankInsights([
      ...found.flatMap((table) => tableInsights(table, budget)),
      ...sourceInsights(documents),
      ...textInsights(texts, checks),
      ...imageInsights(images),
    ]),
    texts: texts.map(({ text }) => text),
    images: images.map(({ image }) => image),
  }
  return { ...analysis, ...withChartData(documents, analysis) }
}

function tableInsights(found: TableFindings, budget: ErrorBudget) {
  return [
    constraintInsights,
    structureInsights,
    missingByGroupInsights,
    trendInsights,
    seasonalityInsights,
    anomalyInsights,
    relationInsights,
    distributionInsights,
    categoryInsights,
    tableQualityInsights,
  ].flatMap((insights) => insights(found, budget))
}

function withLosses(structure: TableStructure, losses: readonly string[]): TableStructure {
  return losses.length === 0 ? structure : { ...structure, losses: [...structure.losses, ...losses] }
}

function described(document: Document): Analysis['documents'][number] {
  const { name, kind, mediaType, bytes, sha256, problem, notes, losses } = document
  return {
    name,
    kind,
    mediaType,
    bytes,
    sha256,
    ...(problem && { problem }),
    notes,
    ...(losses && { losses }),
  }
}
