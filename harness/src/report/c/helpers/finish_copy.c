/* Gives the copy its memory, with this value in the first byte, and waits for its end. */
static int finish_copy(struct copy **name, char value, int writes)
{
	struct copy *copy = *name;
	struct uffdio_copy request = { .len = page };
	char *content;
	unsigned char byte;

	if (copy == NULL || copy->writes != writes) {
		errno = EBADF;
		return -1;
	}
	content = calloc(1, page);
	if (content == NULL)
		cannot_tell("calloc");
	content[0] = value;
	request.dst = (uintptr_t)copy->own;
	request.src = (uintptr_t)content;
	if (ioctl(copy->faults, UFFDIO_COPY, &request) == -1)
		cannot_tell("UFFDIO_COPY");
	free(content);
	pthread_join(copy->thread, NULL);
	byte = copy->own[0];
	end_copy(copy);
	*name = NULL;
	return writes ? 0 : byte;
}
