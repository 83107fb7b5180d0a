/** Draws the images of this example from climate-by-year.csv. Run it again after the data have changed. */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'

interface Year {
  year: number
  anomaly: number
  seaIce: number | null
}

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

/** Anomalies from cold to warm; the stops are the usual blue–red scale of climate stripes. */
const STOPS = ['#08306b', '#2171b5', '#6baed6', '#c6dbef', '#fcbba1', '#fb6a4a', '#cb181d', '#67000d']

async function readYears(): Promise<Year[]> {
  const csv = await readFile(here('climate-by-year.csv'), 'utf8')
  return csv
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => {
      const [year, anomaly, , seaIce] = line.split(',')
      return { year: Number(year), anomaly: Number(anomaly), seaIce: seaIce ? Number(seaIce) : null }
    })
}

function stripesSvg(years: Year[]): string {
  const low = Math.min(...years.map((y) => y.anomaly))
  const high = Math.max(...years.map((y) => y.anomaly))
  const width = 960 / years.length
  const stripes = years.map(({ anomaly }, index) => {
    const step = Math.min(STOPS.length - 1, Math.floor(((anomaly - low) / (high - low)) * STOPS.length))
    // One pixel of overlap: without it the edges of neighbours blend with the background.
    return `<rect x="${index * width}" width="${width + 1}" height="480" fill="${STOPS[step]}"/>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" width="960" height="480">${stripes.join('')}</svg>`
}

function seaIceSvg(years: Year[]): string {
  const extentOf = (year: number): number => {
    const extent = years.find((entry) => entry.year === year)?.seaIce
    if (extent == null) throw new Error(`there is no sea-ice extent for ${year}`)
    return extent
  }
  // Areas, not radii, are in proportion to the extents.
  const disc = (year: number, x: number): string => {
    const radius = 66 * Math.sqrt(extentOf(year))
    return `<circle cx="${x}" cy="240" r="${radius}" fill="#f4fbff"/>
      <text x="${x}" y="236" font-size="44" font-weight="700">${year}</text>
      <text x="${x}" y="280" font-size="26">${extentOf(year).toFixed(2)} million km²</text>`
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="960" height="480">
    <rect width="960" height="480" fill="#0b3c5d"/>
    <g text-anchor="middle" font-family="DejaVu Sans, sans-serif" fill="#0b3c5d">${disc(1980, 260)}${disc(2012, 720)}</g>
  </svg>`
}

const years = await readYears()
const stripes = Buffer.from(stripesSvg(years))
await sharp(stripes).png({ palette: true }).toFile(here('warming-stripes.png'))
await sharp(stripes).resize(480).jpeg({ quality: 80 }).toFile(here('warming-stripes-preview.jpg'))
await sharp(Buffer.from(seaIceSvg(years)))
  .png({ palette: true })
  .toFile(here('sea-ice.png'))
