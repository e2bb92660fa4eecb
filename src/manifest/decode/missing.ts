/** What to write where a required field is missing, by `Type.field`. */
const HELP: Readonly<Record<string, string>> = {
  "PodSpec.containers": "a pod has at least one container: containers: [{name: web, image: busybox}]",
  "Container.name": "each container has a name of its own: name: web",
  "ContainerPort.containerPort": "the port the container listens on: containerPort: 80",
  "EnvVar.name": "the variable's name: name: MODE",
  "Volume.name": "the name that volumeMounts use: name: data",
  "VolumeMount.name": "the name of one of spec.volumes",
  "VolumeMount.mountPath": "where in the container it is to appear: mountPath: /data",
  "HTTPGetAction.port": "the port to ask, by number or by the name of one of the container's ports: port: 80",
  "TCPSocketAction.port": "the port to connect to, by number or by name: port: 80",
  "GRPCAction.port": "the port to ask, by number: port: 9000",
  "HostPathVolumeSource.path": "a path of this machine: path: /srv/data",
  "KeyToPath.key": "a key of the ConfigMap or Secret",
  "KeyToPath.path": "the file's name in the volume",
  "ConfigMapKeySelector.key": "the key whose value the variable gets",
  "SecretKeySelector.key": "the key whose value the variable gets",
  "ObjectFieldSelector.fieldPath": "what of the pod is meant: fieldPath: metadata.name",
  "ResourceFieldSelector.resource": "what is meant: resource: limits.memory",
  "PersistentVolumeClaimVolumeSource.claimName": "the name of a PersistentVolumeClaim: claimName: data",
  "SleepAction.seconds": "for example seconds: 5",
};

export const missingHelp = (type: string, field: string): string | undefined => HELP[`${type}.${field}`];
