"""`python -m exam_api.cli`: the same as `kaowu`."""

from exam_api.cli.entry import main

if __name__ == "__main__":
    main()
