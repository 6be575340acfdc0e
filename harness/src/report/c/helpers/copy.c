/* A copy from a page, or to one, that waits half-way for memory: meanwhile the kernel pins the page. */
struct copy {
	pid_t process;
	char *place;
	char *own;
	int writes;
	int faults;
	int error;
	_Atomic int has_ended;
	pthread_t thread;
};

static void *run_copy(void *argument)
{
	struct copy *copy = argument;
	size_t length = copy->writes ? 1 : page / 2;
	struct iovec own = { copy->own, length }, theirs = { copy->place, length };
	ssize_t moved = copy->writes ? process_vm_writev(copy->process, &own, 1, &theirs, 1, 0) :
					process_vm_readv(copy->process, &own, 1, &theirs, 1, 0);

	copy->error = moved == -1 ? errno : 0;
	copy->has_ended = 1;
	return NULL;
}

static void end_copy(struct copy *copy)
{
	munmap(copy->own, page);
	close(copy->faults);
	free(copy);
}
