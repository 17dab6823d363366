import type { ButtonHTMLAttributes } from 'react'
import { buttonClass, type ButtonVariant } from './button-class.ts'
import { Icon, type IconName } from './icon.tsx'

type Props = Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'style' | 'className' | 'disabled'> & {
  variant?: ButtonVariant | undefined
  icon?: IconName | undefined
}

/** A button that is always ready: one that cannot work yet says so after it was pressed, it is never greyed out. */
export function Button({ variant = 'primary', icon, children, type = 'button', ...button }: Props) {
  return (
    <button {...button} type={type} className={buttonClass(variant)}>
      {icon && <Icon name={icon} size={18} />}
      {children}
    </button>
  )
}
