static int pin_to_read(struct copy **name, pid_t process, char *place)
{
	return pin_by_copy(name, process, place, 0);
}
