import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from 'react'
import type { Point } from '#schemas/geometry.ts'
import { directionMark, pointsOf } from '../cameras/geometry.ts'
import { type Draft, pointsOfShape, type ShapeKind, type ShapeRef, setPoints } from './draft.ts'
import {
  addCorner,
  clampPoint,
  closes,
  polygonFault,
  removeCorner,
  snapPoint,
  splitEdge,
} from './shape-edit.ts'

export type Tool = 'select' | ShapeKind

const STEP = 0.005
const LARGE_STEP = 0.03
const ARROWS: Readonly<Record<string, readonly [x: number, y: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
}

/**
 * What is drawn over the picture: by mouse and by touch, and with the keyboard (arrows move, Space sets a corner, Enter ends, Backspace
 * takes one back, Esc gives up).
 */
export function ShapeCanvas({
  draft,
  tool,
  current,
  faulty,
  isSnapping,
  onSelect,
  onChange,
  onDrawn,
  onCancel,
  onNote,
}: {
  draft: Draft
  tool: Tool
  current: ShapeRef | undefined
  /** Shapes that the schema refuses. */
  faulty: readonly ShapeRef[]
  isSnapping: boolean
  onSelect: (ref: ShapeRef | undefined) => void
  /** @param isSameStep the drag goes on */
  onChange: (draft: Draft, isSameStep: boolean) => void
  onDrawn: (kind: ShapeKind, points: readonly Point[]) => void
  onCancel: () => void
  /** What is said below the picture. */
  onNote: (note: string) => void
}) {
  const canvas = useRef<HTMLDivElement>(null)
  const [drawn, setDrawn] = useState<readonly Point[]>([])
  const [cursor, setCursor] = useState<Point>([0.5, 0.5])
  const [dragged, setDragged] = useState<number>()
  const isDrawing = tool !== 'select'
  // biome-ignore lint/correctness/useExhaustiveDependencies: another tool begins anew
  useEffect(() => {
    setDrawn([])
    if (isDrawing) canvas.current?.focus({ preventScroll: true })
  }, [tool, isDrawing])

  const corners = (but?: ShapeRef) =>
    (['zones', 'lines', 'ignore'] as const).flatMap((kind) =>
      draft[kind].flatMap((_, index) =>
        but?.kind === kind && but.index === index ? [] : [...pointsOfShape(draft, { kind, index })],
      ),
    )
  const placed = (point: readonly [number, number], before: Point | undefined, but?: ShapeRef) =>
    isSnapping ? snapPoint(point, { corners: corners(but), before }) : clampPoint(point)
  const at = (event: { clientX: number; clientY: number }): [number, number] => {
    const { left, top, width, height } = canvas.current!.getBoundingClientRect()
    return [(event.clientX - left) / width, (event.clientY - top) / height]
  }

  const finish = (points: readonly Point[]) => {
    if (tool === 'lines') {
      if (points.length === 2) onDrawn('lines', points)
      return
    }
    const fault = polygonFault(points)
    if (fault) return onNote(`Not closed: ${fault}`)
    onDrawn(tool as ShapeKind, points)
    setDrawn([])
  }
  const place = (point: Point) => {
    if (closes(drawn, point) && tool !== 'lines') return finish(drawn)
    const next = addCorner(drawn, point)
    setDrawn(next)
    if (tool === 'lines' && next.length === 2) {
      finish(next)
      setDrawn([])
    } else onNote(noteOf(tool, next.length))
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.target !== canvas.current) return
    const arrow = ARROWS[event.key]
    const step = event.shiftKey ? LARGE_STEP : STEP
    if (isDrawing && arrow) setCursor(clampPoint([cursor[0] + arrow[0] * step, cursor[1] + arrow[1] * step]))
    else if (isDrawing && event.key === ' ') place(placed(cursor, drawn.at(-1)))
    else if (isDrawing && event.key === 'Enter') finish(drawn)
    else if (isDrawing && event.key === 'Backspace') setDrawn(drawn.slice(0, -1))
    else if (event.key === 'Escape') {
      if (drawn.length > 0) setDrawn([])
      else onCancel()
    } else return
    event.preventDefault()
  }
  const move = (index: number, point: readonly [number, number], isSameStep: boolean) => {
    if (!current) return
    const points = pointsOfShape(draft, current)
    const to = placed(point, points.at(index - 1), current)
    onChange(setPoints(draft, current, points.with(index, to)), isSameStep)
  }
  const handles = !isDrawing && current ? pointsOfShape(draft, current) : []
  return (
    <div
      ref={canvas}
      className={`canvas ${tool}`}
      role="application"
      aria-label={
        isDrawing
          ? 'Drawing surface: arrows move, Space sets a corner, Enter ends, Backspace takes one back, Escape gives up'
          : 'Shapes over the picture'
      }
      // biome-ignore lint/a11y/noNoninteractiveTabindex: as above
      tabIndex={0}
      onKeyDown={onKeyDown}
      onPointerMove={(event: PointerEvent) => {
        if (dragged !== undefined) move(dragged, at(event), true)
        else if (isDrawing) setCursor(placed(at(event), drawn.at(-1)))
      }}
      onPointerUp={() => setDragged(undefined)}
      onPointerDown={(event: PointerEvent) => {
        if (event.button !== 0) return
        if (isDrawing) place(placed(at(event), drawn.at(-1)))
        else if (event.target === canvas.current || event.target instanceof SVGSVGElement) onSelect(undefined)
      }}
      onDoubleClick={() => isDrawing && finish(drawn)}
    >
      <svg className="overlay edited" viewBox="0 0 1000 1000" preserveAspectRatio="none" aria-hidden="true">
        {(['ignore', 'zones'] as const).flatMap((kind) =>
          draft[kind].map(({ id, polygon }, index) => (
            <polygon
              key={`${kind} ${id}`}
              className={classOf(kind === 'zones' ? 'zone' : 'mask', { kind, index }, current, faulty)}
              points={pointsOf(polygon)}
              onPointerDown={() => !isDrawing && onSelect({ kind, index })}
            />
          )),
        )}
        {draft.lines.map(({ id, from, to }, index) => {
          const { middle, tip } = directionMark(from, to)
          return (
            <g
              key={id}
              className={classOf('line', { kind: 'lines', index }, current, faulty)}
              onPointerDown={() => !isDrawing && onSelect({ kind: 'lines', index })}
            >
              <line className="hit" {...ends(from, to)} />
              <line {...ends(from, to)} />
              <line className="side" {...ends(middle, tip)} />
            </g>
          )
        })}
        {drawn.length > 0 && <polyline className="drawn" points={pointsOf([...drawn, cursor])} />}
      </svg>
      {isDrawing && (
        <span className="crosshair" style={{ left: `${cursor[0] * 100}%`, top: `${cursor[1] * 100}%` }} />
      )}
      {drawn.map(([x, y], index) => (
        <span
          // biome-ignore lint/suspicious/noArrayIndexKey: corners have no other name than their place
          key={index}
          className="corner"
          style={{ left: `${x * 100}%`, top: `${y * 100}%` }}
        />
      ))}
      {handles.map(([x, y], index) => (
        <button
          // biome-ignore lint/suspicious/noArrayIndexKey: as above
          key={index}
          type="button"
          className="corner handle"
          aria-label={`Corner ${index + 1} of ${handles.length}, at ${x}, ${y}`}
          style={{ left: `${x * 100}%`, top: `${y * 100}%` }}
          onPointerDown={(event) => {
            event.stopPropagation()
            onChange(draft, false)
            setDragged(index)
          }}
          onKeyDown={(event) => {
            const arrow = ARROWS[event.key]
            const step = event.shiftKey ? LARGE_STEP : STEP
            const isPolygon = current!.kind !== 'lines'
            if (arrow) {
              const to = clampPoint([x + arrow[0] * step, y + arrow[1] * step])
              onChange(setPoints(draft, current!, handles.with(index, to)), false)
            } else if ((event.key === 'Delete' || event.key === 'Backspace') && isPolygon)
              onChange(setPoints(draft, current!, removeCorner(handles, index)), false)
            else if ((event.key === '+' || event.key === 'Insert') && isPolygon)
              onChange(setPoints(draft, current!, splitEdge(handles, index)), false)
            else return
            event.preventDefault()
            event.stopPropagation()
          }}
        />
      ))}
    </div>
  )
}

function ends(from: readonly [number, number], to: readonly [number, number]) {
  return { x1: from[0] * 1000, y1: from[1] * 1000, x2: to[0] * 1000, y2: to[1] * 1000 }
}

function classOf(
  name: string,
  ref: ShapeRef,
  current: ShapeRef | undefined,
  faulty: readonly ShapeRef[],
): string {
  const isSame = (other: ShapeRef) => other.kind === ref.kind && other.index === ref.index
  return `${name} ${current && isSame(current) ? 'current' : ''} ${faulty.some(isSame) ? 'faulty' : ''}`
}

export function noteOf(tool: Tool, corners: number): string {
  if (tool === 'select')
    return 'Choose a shape; its corners are dragged, or moved with the arrows. + adds one, Delete takes it away.'
  if (tool === 'lines')
    return corners === 0 ? 'Set the first end: who crosses is seen from there.' : 'Set the other end.'
  if (corners < 3) return `Set the ${corners === 0 ? 'first' : 'next'} corner.`
  return 'Set the next corner; the first one, Enter or a double click closes it.'
}
