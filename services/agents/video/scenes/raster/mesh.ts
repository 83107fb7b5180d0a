export type Rgb = readonly [red: number, green: number, blue: number]

/**
 * Triangles with smooth shading, in the coordinates of their object: x to its right, y up, z forwards, metres.
 * Arrays grow; a mesh is cleared and filled again for every frame.
 */
export interface Mesh {
  vertices: number
  /** x y z, normal x y z, linear red green blue, gloss, glow. */
  data: Float32Array
  indices: number
  triangles: Uint16Array
}

export const STRIDE = 11

export function createMesh(): Mesh {
  return { vertices: 0, data: new Float32Array(STRIDE * 1024), indices: 0, triangles: new Uint16Array(4096) }
}

export function clearMesh(mesh: Mesh): Mesh {
  mesh.vertices = 0
  mesh.indices = 0
  return mesh
}

export interface Finish {
  color: Rgb
  /** Share of the surroundings that it mirrors when looked at straight, 0–1. */
  gloss?: number
  /** Light of its own, as a multiple of its colour. */
  glow?: number
}

/** Adds a corner, its normal still to come or given. @returns its index */
export function addVertex(
  mesh: Mesh,
  [x, y, z]: readonly [number, number, number],
  { color, gloss = 0, glow = 0 }: Finish,
  normal?: readonly [number, number, number],
): number {
  const at = mesh.vertices * STRIDE
  if (at + STRIDE > mesh.data.length) {
    const wider = new Float32Array(mesh.data.length * 2)
    wider.set(mesh.data)
    mesh.data = wider
  }
  const { data } = mesh
  data[at] = x
  data[at + 1] = y
  data[at + 2] = z
  data[at + 3] = normal ? normal[0] : 0
  data[at + 4] = normal ? normal[1] : 0
  data[at + 5] = normal ? normal[2] : 0
  data[at + 6] = color[0]
  data[at + 7] = color[1]
  data[at + 8] = color[2]
  data[at + 9] = gloss
  data[at + 10] = glow
  return mesh.vertices++
}

export function addTriangle(mesh: Mesh, a: number, b: number, c: number): void {
  if (mesh.indices + 3 > mesh.triangles.length) {
    const wider = new Uint16Array(mesh.triangles.length * 2)
    wider.set(mesh.triangles)
    mesh.triangles = wider
  }
  mesh.triangles[mesh.indices++] = a
  mesh.triangles[mesh.indices++] = b
  mesh.triangles[mesh.indices++] = c
}

type Point = readonly [number, number, number]

/** A flat four-cornered face that looks away from `inside`. */
export function addQuad(
  mesh: Mesh,
  corners: readonly [Point, Point, Point, Point],
  finish: Finish,
  inside: Point,
): void {
  const [a, b, c, d] = corners
  const ux = c[0] - a[0]
  const uy = c[1] - a[1]
  const uz = c[2] - a[2]
  const vx = d[0] - b[0]
  const vy = d[1] - b[1]
  const vz = d[2] - b[2]
  let nx = uy * vz - uz * vy
  let ny = uz * vx - ux * vz
  let nz = ux * vy - uy * vx
  const length = Math.hypot(nx, ny, nz) || 1
  const outwards = nx * (a[0] - inside[0]) + ny * (a[1] - inside[1]) + nz * (a[2] - inside[2]) < 0 ? -1 : 1
  nx *= outwards / length
  ny *= outwards / length
  nz *= outwards / length
  const normal = [nx, ny, nz] as const
  const first = addVertex(mesh, a, finish, normal)
  addVertex(mesh, b, finish, normal)
  addVertex(mesh, c, finish, normal)
  addVertex(mesh, d, finish, normal)
  addTriangle(mesh, first, first + 1, first + 2)
  addTriangle(mesh, first, first + 2, first + 3)
}

/** A box by two opposite corners. */
export function addBox(mesh: Mesh, [x0, y0, z0]: Point, [x1, y1, z1]: Point, finish: Finish): void {
  const inside: Point = [(x0 + x1) / 2, (y0 + y1) / 2, (z0 + z1) / 2]
  addQuad(
    mesh,
    [
      [x0, y0, z0],
      [x1, y0, z0],
      [x1, y1, z0],
      [x0, y1, z0],
    ],
    finish,
    inside,
  )
  addQuad(
    mesh,
    [
      [x0, y0, z1],
      [x1, y0, z1],
      [x1, y1, z1],
      [x0, y1, z1],
    ],
    finish,
    inside,
  )
  addQuad(
    mesh,
    [
      [x0, y0, z0],
      [x0, y0, z1],
      [x0, y1, z1],
      [x0, y1, z0],
    ],
    finish,
    inside,
  )
  addQuad(
    mesh,
    [
      [x1, y0, z0],
      [x1, y0, z1],
      [x1, y1, z1],
      [x1, y1, z0],
    ],
    finish,
    inside,
  )
  addQuad(
    mesh,
    [
      [x0, y1, z0],
      [x1, y1, z0],
      [x1, y1, z1],
      [x0, y1, z1],
    ],
    finish,
    inside,
  )
}

/** One cross-section of a tube: its centre, half its width along `side`, half its depth across, its colour. */
export interface Ring {
  at: Point
  wide: number
  deep: number
  color: Rgb
}

/**
 * A closed tube through rings: limbs, trunks, posts, heads. `side` is the direction of the width; the depth is across
 * the tube and it.
 */
export function addTube(mesh: Mesh, rings: readonly Ring[], side: Point, segments: number, gloss = 0): void {
  const first = rings[0]!.at
  const last = rings[rings.length - 1]!.at
  const length = Math.hypot(last[0] - first[0], last[1] - first[1], last[2] - first[2]) || 1
  const tx = (last[0] - first[0]) / length
  const ty = (last[1] - first[1]) / length
  const tz = (last[2] - first[2]) / length
  // The side is made square to the tube, or limbs that lean would be flat.
  const along = side[0] * tx + side[1] * ty + side[2] * tz
  let [sx, sy, sz] = [side[0] - along * tx, side[1] - along * ty, side[2] - along * tz]
  const sideLength = Math.hypot(sx, sy, sz) || 1
  ;[sx, sy, sz] = [sx / sideLength, sy / sideLength, sz / sideLength]
  const [ax, ay, az] = [ty * sz - tz * sy, tz * sx - tx * sz, tx * sy - ty * sx]
  const base = mesh.vertices
  for (const { at, wide, deep, color } of rings) {
    const finish = { color, gloss }
    for (let k = 0; k < segments; k++) {
      const angle = (k / segments) * 2 * Math.PI
      const c = Math.cos(angle)
      const s = Math.sin(angle)
      const position = [
        at[0] + sx * wide * c + ax * deep * s,
        at[1] + sy * wide * c + ay * deep * s,
        at[2] + sz * wide * c + az * deep * s,
      ] as const
      let nx = sx * c * deep + ax * s * wide
      let ny = sy * c * deep + ay * s * wide
      let nz = sz * c * deep + az * s * wide
      const n = Math.hypot(nx, ny, nz) || 1
      ;[nx, ny, nz] = [nx / n, ny / n, nz / n]
      addVertex(mesh, position, finish, [nx, ny, nz])
    }
  }
  for (let i = 0; i + 1 < rings.length; i++) {
    for (let k = 0; k < segments; k++) {
      const next = (k + 1) % segments
      const low = base + i * segments
      const high = low + segments
      addTriangle(mesh, low + k, low + next, high + k)
      addTriangle(mesh, low + next, high + next, high + k)
    }
  }
  addCap(mesh, { base, segments, ring: rings[0]!, normal: [-tx, -ty, -tz], gloss })
  const end = base + (rings.length - 1) * segments
  addCap(mesh, { base: end, segments, ring: rings[rings.length - 1]!, normal: [tx, ty, tz], gloss })
}

interface Cap {
  base: number
  segments: number
  ring: Ring
  normal: Point
  gloss: number
}

function addCap(mesh: Mesh, { base, segments, ring, normal, gloss }: Cap): void {
  const centre = addVertex(mesh, ring.at, { color: ring.color, gloss }, normal)
  for (let k = 0; k < segments; k++) addTriangle(mesh, centre, base + k, base + ((k + 1) % segments))
}

/** An upright ball, wider than deep or higher than wide. */
export function addBall(
  mesh: Mesh,
  centre: Point,
  radii: Point,
  finish: (up: number, front: number) => Rgb,
  detail: number,
): void {
  const bands = Math.max(4, Math.round(detail * 0.75))
  const base = mesh.vertices
  for (let i = 0; i <= bands; i++) {
    const polar = (i / bands) * Math.PI
    const up = -Math.cos(polar)
    const around = Math.max(Math.sin(polar), 0.02)
    for (let k = 0; k < detail; k++) {
      const angle = (k / detail) * 2 * Math.PI
      const x = Math.sin(angle) * around
      const z = Math.cos(angle) * around
      addVertex(
        mesh,
        [centre[0] + x * radii[0], centre[1] + up * radii[1], centre[2] + z * radii[2]],
        { color: finish(up, z) },
        [x, up, z],
      )
    }
  }
  for (let i = 0; i < bands; i++) {
    for (let k = 0; k < detail; k++) {
      const next = (k + 1) % detail
      const low = base + i * detail
      const high = low + detail
      addTriangle(mesh, low + k, low + next, high + k)
      addTriangle(mesh, low + next, high + next, high + k)
    }
  }
}

/** Smooth normals for the corners from `first` on, pointing away from the line through the middle of the object. */
export function smoothNormals(mesh: Mesh, first: number, firstIndex: number): void {
  const { data, triangles } = mesh
  for (let i = firstIndex; i < mesh.indices; i += 3) {
    const [a, b, c] = [triangles[i]! * STRIDE, triangles[i + 1]! * STRIDE, triangles[i + 2]! * STRIDE]
    const [ux, uy, uz] = [data[b]! - data[a]!, data[b + 1]! - data[a + 1]!, data[b + 2]! - data[a + 2]!]
    const [vx, vy, vz] = [data[c]! - data[a]!, data[c + 1]! - data[a + 1]!, data[c + 2]! - data[a + 2]!]
    const normal = [uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx] as const
    for (const at of [a, b, c]) for (let k = 0; k < 3; k++) data[at + 3 + k]! += normal[k]!
  }
  for (let i = first; i < mesh.vertices; i++) {
    const at = i * STRIDE + 3
    const length = Math.hypot(data[at]!, data[at + 1]!, data[at + 2]!) || 1
    for (let k = 0; k < 3; k++) data[at + k]! /= length
  }
}
