"""`python -m odp_dynamic`, which is `odp`."""

from __future__ import annotations


def main() -> None:
    """Run the command line and leave with its exit code."""
    from .cli import run  # not before it is asked for: importing this module costs nothing

    run()


if __name__ == "__main__":
    main()
