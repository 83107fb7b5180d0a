import { Link } from 'wouter'
import { EmptyState } from '../components/empty-state.tsx'

export default function NotFound({ path }: { path: string }) {
  return (
    <EmptyState title="There is no such page" icon="search">
      Nothing is shown at <code>{path}</code>. <Link href="/tasks">All tasks</Link>
    </EmptyState>
  )
}
