/* The copy fails, for it may not use its own memory. */
static int cancel_copy(struct copy **name)
{
	struct copy *copy = *name;
	struct uffdio_range own;

	if (copy == NULL) {
		errno = EBADF;
		return -1;
	}
	own = (struct uffdio_range){ (uintptr_t)copy->own, page };
	if (mprotect(copy->own, page, PROT_NONE) == -1 ||
	    ioctl(copy->faults, UFFDIO_WAKE, &own) == -1)
		cannot_tell("UFFDIO_WAKE");
	pthread_join(copy->thread, NULL);
	end_copy(copy);
	*name = NULL;
	return 0;
}
