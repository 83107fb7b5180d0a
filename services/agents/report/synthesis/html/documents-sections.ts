import type { ReportImage, ReportText } from '#schemas/report.ts'
import { paletteSwatches } from '../charts/inline-charts.ts'
import { bytesText, countText, numberText, percentText } from '../number-text.ts'
import { clockText } from '../time-text.ts'
import { findingLinks } from './findings-sections.ts'
import { html, type Markup } from './markup.ts'
import { foldAfter, type ReportView, type Section } from './section.ts'

/** What the texts say, and the figures in them. */
export function textsSection(view: ReportView): Section | undefined {
  const { texts } = view.report
  if (texts.length === 0) return undefined
  const body = foldAfter(
    texts,
    { open: 12, max: 60, noun: 'texts' },
    (some) => html`${some.map((text) => drawText(view, text))}`,
  )
  return { id: 'texts', title: 'Texts', count: texts.length, body }
}

function drawText(view: ReportView, text: ReportText): Markup {
  const findings = text.insightIds.flatMap((id) => view.finding(id) ?? [])
  return html`<article class="card text"><h3 dir="auto">${text.title ?? text.document}</h3>
<p class="meta"><span class="name">${text.document}</span> · ${countText(text.words, 'word')}</p>${
    text.keyPhrases.length > 0 &&
    html`<ul class="phrases">${text.keyPhrases.slice(0, 12).map((phrase) => html`<li dir="auto">${phrase}</li>`)}</ul>`
  }${text.keySentences.slice(0, 5).map((sentence) => html`<blockquote dir="auto">${sentence}</blockquote>`)}${
    findings.length > 0 &&
    html`<h4>What the analysis says about it</h4>
<ul>${findings.slice(0, 8).map(({ id, plain }) => html`<li>${plain}${findingLinks([id])}</li>`)}</ul>`
  }${
    text.figures.length > 0 &&
    html`<details class="provenance"><summary>${countText(text.figures.length, 'figure')} in the text</summary>
<ul>${text.figures.slice(0, 40).map(({ sentence, value, unit }) => html`<li><b>${numberText(value)}${unit && ` ${unit}`}</b>: <span dir="auto">${sentence}</span></li>`)}</ul></details>`
  }</article>`
}

/** Images with their colours. */
export function imagesSection(view: ReportView): Section | undefined {
  const { images } = view.report
  if (images.length === 0) return undefined
  const body = foldAfter(
    images,
    { open: 12, max: 48, noun: 'images' },
    (some) => html`<div class="grid">${some.map((image) => drawImage(view, image))}</div>`,
  )
  return { id: 'images', title: 'Images', count: images.length, body }
}

function drawImage({ thumbnails }: ReportView, image: ReportImage): Markup {
  const source = thumbnails.get(image.thumbnail.blob)
  const name = image.atSec === undefined ? image.document : `${image.document} at ${clockText(image.atSec)}`
  return html`<figure class="card image">${
    source ? html`<img src="${source}" alt="${name}">` : html`<p class="no-image">No preview</p>`
  }${paletteSwatches(image.palette)}<figcaption><p class="name">${name}</p>
<p class="meta">${image.widthPx} × ${image.heightPx} px · brightness ${percentText(image.brightness / 255)} · sharpness ${numberText(image.sharpness)}</p>${
    image.nearDuplicateOf !== undefined &&
    html`<p class="alert">Nearly the same as <span class="name">${image.nearDuplicateOf}</span></p>`
  }</figcaption></figure>`
}

/** The sources with the hashes that identify them. */
export function sourcesSection({ report }: ReportView): Section | undefined {
  if (report.sources.length === 0) return undefined
  const draw = (rows: typeof report.sources): Markup =>
    html`<ul class="sources">${rows.map(
      (source) =>
        html`<li><span class="name">${source.name}</span><span class="meta">${source.kind} · ${source.mediaType} · ${bytesText(source.bytes)}</span><code>${source.sha256}</code></li>`,
    )}</ul>`
  const body = html`<p class="lead">The SHA-256 of each source as it was read.</p>${foldAfter(report.sources, { open: 30, max: 200, noun: 'sources' }, (rows) => draw([...rows]))}`
  return { id: 'sources', title: 'Sources', count: report.sources.length, body }
}
