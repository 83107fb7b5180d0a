import { type Camera, groundAt } from '../camera.ts'
import { type FrameBuffer, LIGHT_UNIT, MAX_LIGHT } from '../raster/frame-buffer.ts'
import type { CrossMarks, Ground, LaneLine, Stain } from './ground.ts'
import type { Lighting } from './lighting.ts'
import { fractalNoiseAt, whiteNoiseAt } from './noise.ts'

/** Paints sky and ground: everything that hides nothing. Marks and joints are as wide as they are, however thin. */
export function paintGround(
  frameBuffer: FrameBuffer,
  camera: Camera,
  scene: { ground: Ground; lighting: Lighting },
): void {
  const { ground, lighting } = scene
  const { width, height } = frameBuffer
  const painter = createGroundPainter(ground, lighting)
  const out = new Float64Array(3)
  for (let y = 0; y < height; y++) {
    const left = groundAt(camera, 0.5, y + 0.5)
    const right = left && groundAt(camera, width - 0.5, y + 0.5)
    const below = groundAt(camera, 0.5, y + 1.5)
    const distance = left ? Math.hypot(left[0] - camera.position[0], left[2] - camera.position[2]) : Infinity
    if (!left || !right || !below || distance > 900) {
      paintSky(frameBuffer, camera, { lighting, seed: ground.seedU, y })
      continue
    }
    const stepX = (right[0] - left[0]) / (width - 1)
    const stepZ = (right[2] - left[2]) / (width - 1)
    painter.startRow({ stepX, stepZ, downX: below[0] - left[0], downZ: below[2] - left[2] })
    for (let x = 0; x < width; x++) {
      const px = left[0] + stepX * x
      const pz = left[2] + stepZ * x
      painter.paint(out, px, pz)
      const haze = Math.min(
        0.9,
        Math.hypot(px - camera.position[0], pz - camera.position[2]) * lighting.hazePerM,
      )
      for (let k = 0; k < 3; k++) out[k] = out[k]! + (lighting.horizon[k]! - out[k]!) * haze
      setPixel(frameBuffer, x, y, out)
    }
  }
}

function setPixel({ light, columns }: FrameBuffer, x: number, y: number, value: Float64Array): void {
  const a = (y * 2 * columns + x * 2) * 3
  const b = a + columns * 3
  for (let k = 0; k < 3; k++) {
    const level = Math.min(MAX_LIGHT, Math.max(0, value[k]! * LIGHT_UNIT))
    light[a + k] = level
    light[a + 3 + k] = level
    light[b + k] = level
    light[b + 3 + k] = level
  }
}

interface SkyRow {
  lighting: Lighting
  seed: number
  y: number
}

function paintSky(frameBuffer: FrameBuffer, camera: Camera, { lighting, seed, y }: SkyRow): void {
  const { zenith, horizon, daytime } = lighting
  const out = new Float64Array(3)
  const { forward, up, right, focal, width, height } = camera
  const b = (height / 2 - y - 0.5) / focal
  const rise = Math.max(0, forward[1] + up[1] * b)
  const clouds = daytime === 'night' ? 0.1 : daytime === 'overcast' ? 0.18 : 0.4
  for (let x = 0; x < width; x++) {
    const a = (x + 0.5 - width / 2) / focal
    const flat = 1 / (rise + 0.12)
    const east = forward[0] + up[0] * b + right[0] * a
    const north = forward[2] + up[2] * b + right[2] * a
    const cloud = Math.max(0, fractalNoiseAt(east * flat * 18 + 90, north * flat * 18 + 40) + 0.1) * clouds
    const high = Math.min(1, rise * 1.8) ** 0.7
    // Woods and roofs far away, by the direction alone.
    const bearing = (a + forward[0] / forward[2]) * 60 + seed
    const roofs =
      0.02 +
      0.03 * fractalNoiseAt(bearing, seed) +
      0.016 * (whiteNoiseAt(bearing * 0.35, 3) + 1) * (whiteNoiseAt(bearing * 0.1, 5) > 0 ? 1 : 0)
    const far = rise < roofs ? 0.35 + 0.3 * Math.max(0, fractalNoiseAt(bearing * 3, rise * 900)) : 1
    for (let k = 0; k < 3; k++) {
      const clear = horizon[k]! + (zenith[k]! - horizon[k]!) * high
      out[k] = (clear + (horizon[1]! * 1.1 - clear) * cloud) * far
    }
    setPixel(frameBuffer, x, y, out)
  }
}

interface RowSteps {
  stepX: number
  stepZ: number
  downX: number
  downZ: number
}

interface GroundPainter {
  /** How much ground a pixel of the row covers. */
  startRow(steps: RowSteps): void
  paint(out: Float64Array, x: number, z: number): void
}

function createGroundPainter(ground: Ground, lighting: Lighting): GroundPainter {
  const { bands, lines, marks, stains, bendM, bendWaveM, seedU } = ground
  const cos = Math.cos(ground.yaw)
  const sin = Math.sin(ground.yaw)
  const { sun, sky, sunDirection, lamps } = lighting
  const lit = [0, 1, 2].map((k) => sky[k]! + sun[k]! * Math.max(0, sunDirection[1]))
  let spanU = 1
  let spanV = 1
  let span = 1
  return {
    startRow({ stepX, stepZ, downX, downZ }) {
      spanU = Math.max(0.004, Math.abs(stepX * cos - stepZ * sin) + Math.abs(downX * cos - downZ * sin))
      spanV = Math.max(0.004, Math.abs(stepX * sin + stepZ * cos) + Math.abs(downX * sin + downZ * cos))
      span = Math.sqrt(spanU * spanV)
    },
    paint(out, x, z) {
      const v = x * sin + z * cos
      const u = x * cos - z * sin + (bendM === 0 ? 0 : bendM * Math.sin(v / bendWaveM))
      let i = 0
      while (i + 1 < bands.length && u > bands[i]!.toU) i++
      const { material, toU } = bands[i]!
      // A pixel that a border runs through shows some of both.
      const beyond = Math.min(1, Math.max(0, (u - toU) / spanU + 0.5))
      const blend = i + 1 < bands.length ? beyond : 0
      const neighbour = blend > 0 ? bands[i + 1]!.material : material
      const coarse =
        fractalNoiseAt(u * 5 + seedU, v * 5) + 0.6 * fractalNoiseAt(u * 0.9 + seedU, v * 0.9 + 31)
      const sharp = Math.min(1, 0.03 / span + 0.15)
      const fine = whiteNoiseAt(u * 40, v * 40) * sharp
      const tone = 1 + coarse * material.mottle + fine * material.grain
      let factor = tone * jointFactor(material.slabM, material.joint, u, v, spanU, spanV)
      for (let k = 0; k < stains.length; k++) factor *= stainFactor(stains[k]!, u, v, coarse)
      const wear = Math.min(1, Math.max(0, coarse * 0.5 + 0.35)) * material.mottle * 2
      const paint = paintAt(lines, marks, u, v, spanU, spanV) * (0.8 + 0.25 * coarse)
      let lampR = 0
      let lampG = 0
      let lampB = 0
      for (let k = 0; k < lamps.length; k++) {
        const { at, color } = lamps[k]!
        const dx = at[0] - x
        const dz = at[2] - z
        const squared = dx * dx + dz * dz + at[1] * at[1]
        const strength = at[1] / (squared * Math.sqrt(squared))
        lampR += color[0] * strength
        lampG += color[1] * strength
        lampB += color[2] * strength
      }
      for (let k = 0; k < 3; k++) {
        const own = material.color[k]! + (material.worn[k]! - material.color[k]!) * Math.min(1, wear)
        let albedo = (own + (neighbour.color[k]! - own) * blend) * factor
        albedo += (0.75 - albedo) * Math.max(0, paint)
        const lamp = k === 0 ? lampR : k === 1 ? lampG : lampB
        out[k] = albedo * (lit[k]! + lamp)
      }
    },
  }
}

/** Share of a pixel that bars of a half width cover when they come every `pitch` and the pixel spans `span`. */
function barShare(at: number, pitch: number, halfWidth: number, span: number): number {
  if (span > pitch) return (2 * halfWidth) / pitch
  const off = Math.abs(at - Math.round(at / pitch) * pitch)
  const covered = Math.min(off + span / 2, halfWidth) - Math.max(off - span / 2, -halfWidth)
  return covered > 0 ? Math.min(1, covered / span) : 0
}

function jointFactor(
  slabM: number,
  joint: number,
  u: number,
  v: number,
  spanU: number,
  spanV: number,
): number {
  if (slabM === 0) return 1
  const shift = Math.floor(v / slabM) & 1 ? slabM / 2 : 0
  const across = barShare(u + shift, slabM, 0.012, spanU)
  const along = barShare(v, slabM, 0.012, spanV)
  const slab = whiteNoiseAt(Math.floor((u + shift) / slabM + 0.5) * 7, Math.floor(v / slabM + 0.5) * 5)
  return (1 - joint * Math.max(across, along)) * (1 + slab * 0.1 * joint)
}

function stainFactor({ u: cu, v: cv, radiusM, factor }: Stain, u: number, v: number, coarse: number): number {
  const squared = (u - cu) ** 2 + (v - cv) ** 2
  if (squared > radiusM * radiusM * 1.7) return 1
  const inside = 1 - Math.sqrt(squared) / radiusM + coarse * 0.35
  return inside <= 0 ? 1 : 1 + (factor - 1) * Math.min(1, inside * 3)
}

function paintAt(
  lines: readonly LaneLine[],
  marks: readonly CrossMarks[],
  u: number,
  v: number,
  spanU: number,
  spanV: number,
): number {
  let paint = 0
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!
    const off = Math.abs(u - line.u)
    if (off > line.halfWidthM + spanU) continue
    const covered = Math.min(off + spanU / 2, line.halfWidthM) - Math.max(off - spanU / 2, -line.halfWidthM)
    if (covered <= 0) continue
    const dash = line.dashM === 0 ? 1 : barShare(v, line.dashM + line.gapM, line.dashM / 2, spanV)
    paint = Math.max(paint, Math.min(1, covered / spanU) * dash * line.light)
  }
  for (let i = 0; i < marks.length; i++) {
    const mark = marks[i]!
    if (u < mark.fromU || u > mark.toU || v < mark.fromV || v > mark.toV) continue
    const at = mark.along === 'u' ? u - mark.fromU : v - mark.fromV
    const share = barShare(at, mark.pitchM, mark.halfWidthM, mark.along === 'u' ? spanU : spanV)
    paint = Math.max(paint, share * mark.light)
  }
  return paint
}
