import type { ButtonHTMLAttributes, ReactNode } from 'react'
import { buttonClass, type ButtonVariant } from './button-class.ts'

type Props = Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'style' | 'className' | 'disabled'> & {
  variant?: ButtonVariant | undefined
  /** A drawing of 18 pixels. */
  icon?: ReactNode
}

/** A button that is always ready: one that cannot work yet says so after it was pressed, it is never greyed out. */
export function Button({ variant = 'primary', icon, children, type = 'button', ...button }: Props) {
  return (
    <button {...button} type={type} className={buttonClass(variant)}>
      {icon}
      {children}
    </button>
  )
}
