# For fingers used to make: everything is in ./limber, which needs no make.
.PHONY: help run test lint bench lock
help run test lint bench lock:
	@./limber $@
