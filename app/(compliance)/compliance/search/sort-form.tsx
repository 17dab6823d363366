import { FilterForm } from '#components/ui/filter-form.tsx'
import { Select } from '#components/ui/select.tsx'
import { SubmitButton } from '#components/ui/submit-button.tsx'
import { trailSorts, type TrailOrder } from '#lib/oversight/trail/order.ts'
import { paths } from '#lib/paths.ts'

/** Sorts an answer by any element of its entries, those without a column of their own too. */
export function SortForm({ search, order }: { search: string; order: TrailOrder }) {
  return (
    <FilterForm
      action={paths.complianceSearch}
      label="Order of the entries"
      actions={
        <SubmitButton variant="secondary" pendingText="Sorting…">
          Sort
        </SubmitButton>
      }
    >
      <input type="hidden" name="search" value={search} />
      <Select
        name="sort"
        label="Sort by"
        options={Object.entries(trailSorts).map(([value, label]) => ({ value, label }))}
        defaultValue={order.sort}
      />
      <Select
        name="direction"
        label="Order"
        options={[
          { value: 'ascending', label: 'Ascending' },
          { value: 'descending', label: 'Descending' },
        ]}
        defaultValue={order.direction}
      />
    </FilterForm>
  )
}
