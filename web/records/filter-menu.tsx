import { Button, Combobox, useCombobox } from '@mantine/core'
import { IconCheck, IconChevronDown } from '@tabler/icons-react'
import { useState } from 'react'
import classes from './list-filters.module.css'

interface FilterOption {
  value: string
  label: string
  /** Said beside the label, in grey. */
  hint?: string | undefined
}

interface FilterMenuProps {
  label: string
  options: readonly FilterOption[]
  value: readonly string[]
  onChange: (value: string[]) => void
  /** Whether several may be chosen; otherwise choosing another takes the place of the first. */
  several?: boolean
}

/** A filter as a button that says what it is set to and opens its choices. */
export function FilterMenu({ label, options, value, onChange, several = false }: FilterMenuProps) {
  const [search, setSearch] = useState('')
  const searchable = options.length > 8
  const combobox = useCombobox({
    onDropdownOpen: () => {
      if (searchable) combobox.focusSearchInput()
    },
    onDropdownClose: () => {
      combobox.resetSelectedOption()
      combobox.focusTarget()
      setSearch('')
    },
  })

  const choose = (chosen: string) => {
    const isChosen = value.includes(chosen)
    if (several) return onChange(isChosen ? value.filter((each) => each !== chosen) : [...value, chosen])
    onChange(isChosen ? [] : [chosen])
    combobox.closeDropdown()
  }

  const wanted = search.trim().toLowerCase()
  const shown = options.filter((option) => option.label.toLowerCase().includes(wanted))
  // A value from a shared address may not be among the choices: it is set all the same, and says so.
  const names = value.map((each) => options.find((option) => option.value === each)?.label ?? each)
  const text = names.length > 2 ? `${names.length} chosen` : names.join(', ')

  return (
    <Combobox store={combobox} onOptionSubmit={choose} position="bottom-start" width={260}>
      <Combobox.Target targetType="button">
        <Button
          variant="default"
          size="xs"
          className={classes.filter ?? ''}
          data-set={value.length > 0 || undefined}
          rightSection={<IconChevronDown size={14} aria-hidden />}
          onClick={() => combobox.toggleDropdown()}
        >
          <span className={classes.label}>
            {label}
            {text && <b>: {text}</b>}
          </span>
        </Button>
      </Combobox.Target>
      <Combobox.Dropdown>
        {searchable && (
          <Combobox.Search
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
            placeholder={`Find in ${options.length}`}
            aria-label={`Find ${label.toLowerCase()}`}
          />
        )}
        <Combobox.Options mah={300} className={classes.options ?? ''} aria-label={label}>
          {shown.map((option) => (
            <Combobox.Option key={option.value} value={option.value} selected={value.includes(option.value)}>
              <span className={classes.option}>
                <span className={classes.check}>
                  {value.includes(option.value) && <IconCheck size={14} aria-hidden />}
                </span>
                <span className={classes.optionLabel}>{option.label}</span>
                {option.hint && <span className={classes.hint}>{option.hint}</span>}
              </span>
            </Combobox.Option>
          ))}
          {shown.length === 0 && <Combobox.Empty>Nothing found</Combobox.Empty>}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  )
}
